import type { ForwardError, ForwardResult } from "@toru/core";
import {
  encodeFrame,
  PendingRequests,
  ProtocolError,
  toEnvelope,
  toLogMessage,
  v2,
  type Envelope,
  type HttpRequestMessage,
  type HttpResponseMessage,
  type InitInfo,
  type KvOperation,
  type KvResult,
  type MessageType,
  type Reply,
} from "@toru/protocol";
import { isObject } from "@toru/protocol";
import { FrameSocket, MAX_QUEUED_BYTES } from "../socket/frame-socket.ts";
import {
  ANSWER_TOO_LARGE,
  busy,
  cancelled,
  MAX_WAITING_REQUESTS,
  timedOut,
  tooLarge,
  type HealthReport,
  type LinkLimits,
  type PluginLink,
  type PluginServices,
} from "./plugin-link.ts";

/** Requests of the plugin's own that are served at a time; while more are there, nothing is read from it. */
const MAX_SERVED_AT_ONCE = 64;

type Outcome = { ok: true; payload: unknown } | { ok: false; error: ForwardError };

/** Version 2: one connection, both ways, answers in any order. */
export class V2Link implements PluginLink {
  readonly #limits: LinkLimits;
  readonly #services: PluginServices;
  readonly #pending = new PendingRequests<Outcome>();
  readonly #onLost: (fault: ProtocolError | null) => void;
  #socket: FrameSocket | null = null;
  #served = 0;
  #fullLogs = 0;
  #fault: ProtocolError | null = null;
  #closing = false;

  private constructor(limits: LinkLimits, services: PluginServices, onLost: (fault: ProtocolError | null) => void) {
    this.#limits = limits;
    this.#services = services;
    this.#onLost = onLost;
  }

  /** Connects once. `onLost` is called when the connection ends other than by `close`. */
  static async connect(
    path: string,
    limits: LinkLimits,
    services: PluginServices,
    onLost: (fault: ProtocolError | null) => void,
  ): Promise<V2Link> {
    const link = new V2Link(limits, services, onLost);
    link.#socket = await FrameSocket.connect(path, limits.maxFrameBytes, {
      onMessage: (message) => link.#receive(message),
      onClose: (fault) => link.#closed(fault),
    });
    return link;
  }

  get droppedReplies(): number {
    return this.#pending.dropped;
  }

  /** Sends init and waits for `ready`. Null when it came, else why not. */
  async init(info: InitInfo): Promise<string | null> {
    const outcome = await this.#request("lifecycle", v2.initPayload(info), this.#limits.startTimeoutMs, null);
    if (!outcome.ok) return outcome.error.message;
    const reply = read(() => v2.readLifecycleReply(outcome.payload, "ready"));
    if (!reply.ok) return `the plugin refused init: ${reply.error.message}`;
    return this.#socket?.closed === false ? null : lost(this.#fault).error.message; // right behind its `ready`
  }

  async http(request: HttpRequestMessage, signal: AbortSignal | null): Promise<ForwardResult<HttpResponseMessage>> {
    const payload = v2.httpRequestPayload(request);
    const outcome = await this.#request("http", payload, this.#limits.requestTimeoutMs, signal);
    return outcome.ok ? toResult(read(() => v2.readHttpReply(outcome.payload))) : outcome;
  }

  async kv(operation: KvOperation, signal: AbortSignal | null): Promise<ForwardResult<KvResult>> {
    const outcome = await this.#request("kv", v2.kvRequestPayload(operation), this.#limits.kvTimeoutMs, signal);
    return outcome.ok ? toResult(read(() => v2.readKvReply(outcome.payload))) : outcome;
  }

  async checkHealth(): Promise<HealthReport> {
    const limit = this.#limits.healthIntervalMs;
    const outcome = await this.#request("lifecycle", v2.pingPayload, limit, null);
    if (!outcome.ok) return { ok: false, reason: `no answer to a ping: ${outcome.error.message}` };
    const reply = read(() => v2.readLifecycleReply(outcome.payload, "pong"));
    if (reply.ok) return { ok: true };
    return { ok: false, reason: `a ping was answered with an error: ${reply.error.message}` };
  }

  shutdown(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#send(v2.envelope("lifecycle", v2.shutdownPayload(graceMs)));
    return Promise.resolve();
  }

  close(error: ForwardError): void {
    this.#closing = true;
    this.#pending.settleAll({ ok: false, error });
    this.#socket?.close();
  }

  #request(type: MessageType, payload: unknown, limitMs: number, signal: AbortSignal | null): Promise<Outcome> {
    const socket = this.#socket;
    if (socket === null || socket.closed) return Promise.resolve(lost(null));
    if (signal?.aborted === true) return Promise.resolve(cancelled());
    if (type !== "lifecycle" && (this.#pending.size >= MAX_WAITING_REQUESTS || socket.queuedBytes > MAX_QUEUED_BYTES)) {
      return Promise.resolve(busy());
    }
    return new Promise((resolve) => {
      const giveUp = (outcome: Outcome) => {
        if (!this.#pending.abandon(id)) return;
        settle(outcome);
        if (type !== "lifecycle") this.#send(v2.envelope(type, v2.cancelPayload, id));
      };
      const onAbort = () => giveUp(cancelled());
      const timer = setTimeout(() => giveUp(timedOut(limitMs)), limitMs);
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        resolve(outcome);
      };
      const id = this.#pending.add(settle);
      const frame = encodeFrame(v2.envelope(type, payload, id), this.#limits.maxFrameBytes);
      if (frame === null) {
        this.#pending.abandon(id);
        settle(tooLarge(this.#limits.maxFrameBytes));
        return;
      }
      signal?.addEventListener("abort", onAbort);
      socket.send(frame);
    });
  }

  /** False where the message does not fit a frame. */
  #send(message: Envelope): boolean {
    const frame = encodeFrame(message, this.#limits.maxFrameBytes);
    if (frame !== null) this.#socket?.send(frame);
    return frame !== null;
  }

  #receive(message: Record<string, unknown>): void {
    let envelope: Envelope;
    try {
      envelope = toEnvelope(message);
    } catch (error) {
      this.#services.warn(`dropped a message: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const { type, request_id: id, payload } = envelope;
    if (type === "log") this.#log(payload);
    else if (id === undefined) this.#services.warn(`dropped a ${type} message that has no request_id`);
    else if (isRequest(type, payload)) this.#serve(type, id, payload);
    else this.#pending.settle(id, { ok: true, payload });
  }

  #log(payload: unknown): void {
    try {
      const full = this.#services.log(toLogMessage(payload));
      if (full === null) return;
      this.#fullLogs += 1;
      this.#readOrWait();
      void full.finally(() => {
        this.#fullLogs -= 1;
        this.#readOrWait();
      });
    } catch (error) {
      this.#services.warn(`dropped a log message: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #serve(type: MessageType, id: string, payload: unknown): void {
    const served = this.#answer(type, payload).then((reply) => {
      const sent = this.#send(v2.envelope(type, reply, id));
      if (!sent) this.#send(v2.envelope(type, v2.errorPayload(ANSWER_TOO_LARGE), id));
      return this.#socket?.room(); // who does not read its answers is not served any further
    });
    this.#served += 1;
    this.#readOrWait();
    void served.finally(() => {
      this.#served -= 1;
      this.#readOrWait();
    });
  }

  async #answer(type: MessageType, payload: unknown): Promise<unknown> {
    if (type !== "kv") return v2.errorPayload({ code: "unsupported", message: `the host serves no ${type} requests` });
    const result = await this.#services.kv(payload);
    return result.ok ? result.value : v2.errorPayload(result.error);
  }

  /** Reads on only while the log has room and few enough of the plugin's own requests are unfinished. */
  #readOrWait(): void {
    if (this.#fullLogs > 0 || this.#served >= MAX_SERVED_AT_ONCE) this.#socket?.pause();
    else this.#socket?.resume();
  }

  #closed(fault: ProtocolError | null): void {
    this.#fault = fault;
    this.#pending.settleAll(lost(fault));
    if (!this.#closing) this.#onLost(fault);
  }
}

/** A kv message names an action only when it asks for something; an http message a method. */
function isRequest(type: MessageType, payload: unknown): boolean {
  if (!isObject(payload)) return false;
  return type === "kv" ? "action" in payload : type === "http" && "method" in payload;
}

function lost(fault: ProtocolError | null): { ok: false; error: ForwardError } {
  if (fault === null) return { ok: false, error: { code: "died", message: "the connection to the plugin was lost" } };
  return { ok: false, error: { code: "protocol_error", message: `the plugin broke the protocol: ${fault.message}` } };
}

/** A reply that has the wrong shape counts as an error of the plugin. */
function read<T>(parse: () => Reply<T>): Reply<T> {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { ok: false, error: { code: "protocol_error", message: error.message } };
  }
}

function toResult<T>(reply: Reply<T>): ForwardResult<T> {
  if (reply.ok) return reply;
  const code = reply.error.code === "protocol_error" ? "protocol_error" : "plugin_error";
  return {
    ok: false,
    error: { code, message: `the plugin answered with an error: ${reply.error.message} (${reply.error.code})` },
  };
}
