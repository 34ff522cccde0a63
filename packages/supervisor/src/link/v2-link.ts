import type { Caller, ForwardError, ForwardResult } from "@toru/core";
import {
  encodeFrame,
  isObject,
  parsePayload,
  type ProtocolError,
  toEnvelope,
  v2,
  type Envelope,
  type HttpRequestMessage,
  type HttpResponseMessage,
  type InitInfo,
  type KvOperation,
  type KvResult,
  type MessageType,
  type UpgradeAnswer,
  type WebSocketMessages,
} from "@toru/protocol";
import { PluginRequests } from "./plugin-requests.ts";
import { StreamTable } from "./streams/stream-table.ts";
import { fitsWindow, isRequest, lost, type Outcome, read, toResult } from "./v2-outcome.ts";
import { V2Calls } from "./v2-calls.ts";
import type { RequestTerms } from "./waiting-requests.ts";
import { FrameSocket } from "../socket/frame-socket.ts";
import { streamless, type HealthReport, type LinkLimits, type PluginLink, type PluginServices } from "./plugin-link.ts";

/** Version 2: one connection, both ways, answers in any order. */
export class V2Link implements PluginLink {
  readonly #limits: LinkLimits;
  readonly #services: PluginServices;
  readonly #calls: V2Calls;
  /** What the plugin asks of the host. */
  readonly #own: PluginRequests;
  readonly #onLost: (fault: ProtocolError | null) => void;
  #socket: FrameSocket | null = null;
  /** Null where the plugin did not take the feature up. */
  #streams: StreamTable | null = null;
  #takesWebSockets = false;
  #fault: ProtocolError | null = null;
  #closing = false;

  private constructor(limits: LinkLimits, services: PluginServices, onLost: (fault: ProtocolError | null) => void) {
    this.#limits = limits;
    this.#services = services;
    const wire = { send: (message: Envelope) => this.#send(message), socket: () => this.#socket };
    this.#calls = new V2Calls({ ...wire, maxFrameBytes: limits.maxFrameBytes });
    this.#own = new PluginRequests({ ...wire, services });
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
      othersAreAsked: () => services.othersAreAsked(),
    });
    return link;
  }

  get takesStreams(): boolean {
    return this.#streams !== null;
  }

  get takesWebSockets(): boolean {
    return this.#takesWebSockets;
  }

  get droppedReplies(): number {
    return this.#calls.dropped;
  }

  /** Sends init and waits for `ready`. Null when it came, else why not. */
  async init(info: InitInfo): Promise<string | null> {
    const outcome = await this.#calls.ask("lifecycle", v2.initPayload(info), {
      limitMs: this.#limits.startTimeoutMs,
      caller: null,
    });
    if (!outcome.ok) return outcome.error.message;
    const reply = read(() => v2.readLifecycleReply(outcome.payload, "ready"));
    if (!reply.ok) return `the plugin refused init: ${reply.error.message}`;
    this.#takeUp(reply.value.features);
    return this.#socket?.closed === false ? null : lost(this.#fault).error.message; // right behind its `ready`
  }

  #takeUp(features: string[]): void {
    if (!features.includes("stream")) return;
    this.#takesWebSockets = features.includes("websocket");
    this.#streams = new StreamTable({
      sendFrame: (frame) => this.#socket?.send(frame),
      sendControl: (payload) => this.#send(v2.envelope("http", payload)),
    });
  }

  async http(request: HttpRequestMessage, caller: Caller | null): Promise<ForwardResult<HttpResponseMessage>> {
    const terms = { limitMs: this.#limits.requestTimeoutMs, caller };
    const { body } = request;
    const outcome =
      body instanceof ReadableStream
        ? await this.#upload(request, body, terms)
        : await this.#calls.ask("http", v2.httpRequestPayload(request, body), terms);
    if (!outcome.ok) return outcome;
    const reply = read(() => v2.readHttpReply(outcome.payload));
    if (!reply.ok) outcome.incoming?.stop();
    const result = toResult(reply);
    if (!result.ok || outcome.incoming === null) return result;
    const { incoming } = outcome;
    const whole = await incoming.whole(fitsWindow(result.value.headers));
    return { ok: true, value: { ...result.value, body: whole ?? incoming.bytes() } };
  }

  async upgrade(
    request: HttpRequestMessage,
    messages: WebSocketMessages,
    caller: Caller | null,
  ): Promise<ForwardResult<UpgradeAnswer>> {
    if (this.#streams === null) return streamless();
    const stream = this.#streams.send(() => {});
    const outcome = await this.#calls.ask("http", v2.upgradePayload(request, stream.id), {
      limitMs: this.#limits.requestTimeoutMs,
      caller,
    });
    const reply = outcome.ok ? toResult(read(() => v2.readHttpReply(outcome.payload))) : outcome;
    const incoming = outcome.ok ? outcome.incoming : null;
    if (reply.ok && reply.value.status === v2.SWITCHING_PROTOCOLS && incoming !== null) {
      void stream.pumpMessages(messages);
      return { ok: true, value: { accepted: true, headers: reply.value.headers, messages: incoming.messages() } };
    }
    stream.abort();
    if (!reply.ok) {
      incoming?.stop();
      return reply;
    }
    return {
      ok: true,
      value: { accepted: false, response: { ...reply.value, body: incoming?.bytes() ?? reply.value.body } },
    };
  }

  /** The time limit counts from the last piece that the plugin took: a long upload is no slow answer. */
  async #upload(request: HttpRequestMessage, body: ReadableStream<Uint8Array>, terms: RequestTerms): Promise<Outcome> {
    if (this.#streams === null) return streamless();
    let sentAs = "";
    const stream = this.#streams.send(() => this.#calls.prolong(sentAs));
    const payload = v2.httpRequestPayload(request, { stream: stream.id });
    const outcome = await this.#calls.ask("http", payload, terms, (id) => {
      sentAs = id;
      void stream.pump(body);
    });
    if (!outcome.ok) stream.abort();
    return outcome;
  }

  async kv(operation: KvOperation, caller: Caller | null): Promise<ForwardResult<KvResult>> {
    const outcome = await this.#calls.ask("kv", v2.kvRequestPayload(operation), {
      limitMs: this.#limits.kvTimeoutMs,
      caller,
    });
    return outcome.ok ? toResult(read(() => v2.readKvReply(outcome.payload))) : outcome;
  }

  async checkHealth(): Promise<HealthReport> {
    const limit = this.#limits.healthIntervalMs;
    const outcome = await this.#calls.ask("lifecycle", v2.pingPayload, { limitMs: limit, caller: null });
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
    this.#calls.settleAll({ ok: false, error });
    this.#streams?.close();
    this.#socket?.close();
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

  /** True where it is no answer to a request of ours. */
  #receive(message: Record<string, unknown>): boolean {
    let envelope: Envelope;
    try {
      envelope = toEnvelope(message);
    } catch (error) {
      this.#services.warn(`dropped a message: ${error instanceof Error ? error.message : String(error)}`);
      return true;
    }
    const { type, request_id: id, payload } = envelope;
    if (type === "log") this.#own.log(payload);
    else if (id === undefined) {
      if (this.#streams?.control(payload) === true) return false;
      this.#services.warn(`dropped a ${type} message that has no request_id`);
    } else if (isRequest(type, payload)) this.#own.serve(type, id, payload);
    else return !this.#settle(type, id, payload);
    return true;
  }

  /** False where nobody waits for it. */
  #settle(type: MessageType, id: string, payload: unknown): boolean {
    const stream = type === "http" && isObject(payload) ? payload["stream"] : undefined;
    // Now, since its bytes may be right behind.
    const incoming = stream === undefined ? null : (this.#streams?.receive(stream) ?? null);
    const isAwaited = this.#calls.settle(id, { ok: true, payload, incoming });
    if (!isAwaited) incoming?.stop();
    return isAwaited;
  }

  #closed(fault: ProtocolError | null): void {
    this.#fault = fault;
    this.#calls.settleAll(lost(fault));
    this.#streams?.close();
    if (!this.#closing) this.#onLost(fault);
  }
}
