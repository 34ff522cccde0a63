import type { ForwardError, ForwardResult } from "@toru/core";
import {
  encodeFrame,
  isObject,
  parsePayload,
  PendingRequests,
  type ProtocolError,
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
} from "@toru/protocol";
import { StreamTable } from "./streams/stream-table.ts";
import { isRequest, lost, type Outcome, read, type RequestTerms, toResult } from "./v2-outcome.ts";
import { FrameSocket, MAX_QUEUED_BYTES } from "../socket/frame-socket.ts";
import {
  ANSWER_TOO_LARGE,
  busy,
  cancelled,
  streamless,
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

/** Version 2: one connection, both ways, answers in any order. */
export class V2Link implements PluginLink {
  readonly #limits: LinkLimits;
  readonly #services: PluginServices;
  readonly #pending = new PendingRequests<Outcome>();
  readonly #onLost: (fault: ProtocolError | null) => void;
  #socket: FrameSocket | null = null;
  /** Null where the plugin did not take the feature up. */
  #streams: StreamTable | null = null;
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
      onData: (payload) => link.#data(payload),
      onClose: (fault) => link.#closed(fault),
    });
    return link;
  }

  get takesStreams(): boolean {
    return this.#streams !== null;
  }

  get droppedReplies(): number {
    return this.#pending.dropped;
  }

  /** Sends init and waits for `ready`. Null when it came, else why not. */
  async init(info: InitInfo): Promise<string | null> {
    const outcome = await this.#request("lifecycle", v2.initPayload(info), {
      limitMs: this.#limits.startTimeoutMs,
      signal: null,
    });
    if (!outcome.ok) return outcome.error.message;
    const reply = read(() => v2.readLifecycleReply(outcome.payload, "ready"));
    if (!reply.ok) return `the plugin refused init: ${reply.error.message}`;
    this.#takeUp(reply.value.features);
    return this.#socket?.closed === false ? null : lost(this.#fault).error.message; // right behind its `ready`
  }

  #takeUp(features: string[]): void {
    if (!features.includes("stream")) return;
    this.#streams = new StreamTable({
      sendFrame: (frame) => this.#socket?.send(frame),
      sendControl: (payload) => this.#send(v2.envelope("http", payload)),
    });
  }

  async http(request: HttpRequestMessage, signal: AbortSignal | null): Promise<ForwardResult<HttpResponseMessage>> {
    const terms = { limitMs: this.#limits.requestTimeoutMs, signal };
    const { body } = request;
    const outcome =
      body instanceof ReadableStream
        ? await this.#upload(request, body, terms)
        : await this.#request("http", v2.httpRequestPayload(request, body), terms);
    if (!outcome.ok) return outcome;
    const reply = read(() => v2.readHttpReply(outcome.payload));
    if (!reply.ok) outcome.incoming?.stop();
    const result = toResult(reply);
    if (!result.ok || outcome.incoming === null) return result;
    return { ok: true, value: { ...result.value, body: outcome.incoming.readable } };
  }

  /** The time limit counts from the last piece that the plugin took: a long upload is no slow answer. */
  async #upload(request: HttpRequestMessage, body: ReadableStream<Uint8Array>, terms: RequestTerms): Promise<Outcome> {
    if (this.#streams === null) return streamless();
    let prolong = () => {};
    const stream = this.#streams.send(() => prolong());
    const onSent = (again: () => void) => {
      prolong = again;
      void stream.pump(body);
    };
    const payload = v2.httpRequestPayload(request, { stream: stream.id });
    const outcome = await this.#request("http", payload, { ...terms, onSent });
    if (!outcome.ok) stream.abort();
    return outcome;
  }

  async kv(operation: KvOperation, signal: AbortSignal | null): Promise<ForwardResult<KvResult>> {
    const outcome = await this.#request("kv", v2.kvRequestPayload(operation), {
      limitMs: this.#limits.kvTimeoutMs,
      signal,
    });
    return outcome.ok ? toResult(read(() => v2.readKvReply(outcome.payload))) : outcome;
  }

  async checkHealth(): Promise<HealthReport> {
    const limit = this.#limits.healthIntervalMs;
    const outcome = await this.#request("lifecycle", v2.pingPayload, { limitMs: limit, signal: null });
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
    this.#streams?.close();
    this.#socket?.close();
  }

  #request(type: MessageType, payload: unknown, terms: RequestTerms): Promise<Outcome> {
    const { limitMs, signal } = terms;
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
      terms.onSent?.(() => timer.refresh());
    });
  }

  /** False where the message does not fit a frame. */
  #send(message: Envelope): boolean {
    const frame = encodeFrame(message, this.#limits.maxFrameBytes);
    if (frame !== null) this.#socket?.send(frame);
    return frame !== null;
  }

  #data(payload: Uint8Array): void {
    if (this.#streams === null) parsePayload(payload); // which says that it is no message
    this.#streams?.data(payload);
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
    else if (id === undefined) {
      if (this.#streams?.control(payload) !== true)
        this.#services.warn(`dropped a ${type} message that has no request_id`);
    } else if (isRequest(type, payload)) this.#serve(type, id, payload);
    else this.#settle(type, id, payload);
  }

  #settle(type: MessageType, id: string, payload: unknown): void {
    const stream = type === "http" && isObject(payload) ? payload["stream"] : undefined;
    // Now, since its bytes may be right behind.
    const incoming = stream === undefined ? null : (this.#streams?.receive(stream) ?? null);
    if (!this.#pending.settle(id, { ok: true, payload, incoming })) incoming?.stop();
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
    this.#streams?.close();
    if (!this.#closing) this.#onLost(fault);
  }
}
