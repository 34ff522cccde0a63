import { encodeDataFrame, isDataFrame, parseDataFrame } from "../codec/data-frame.ts";
import { CodecError, FrameReader } from "../codec/frame.ts";
import { encodeMessage, parseMessage, type JsonObject, type Message, type MessageType } from "../codec/message.ts";
import { ExamFailure } from "../exam-failure.ts";
import type { ByteSocket } from "./byte-socket.ts";
import { bodyBytes } from "./http-reply.ts";
import { show, type Transcript } from "./transcript.ts";
import { V2Streams } from "./v2-streams.ts";

/** Messages of a connection that are kept. */
const MAX_MESSAGES = 20_000;
/** Pieces in which a stream is sent, in bytes. */
const STREAM_PIECE_BYTES = 64 * 1024;

/** Answers a kv request of the plugin; null leaves it without an answer. */
export type KvAnswer = (request: JsonObject, id: string) => JsonObject | null | Promise<JsonObject | null>;

export interface ConnectionOptions {
  transcript: () => Transcript;
  answerKv: KvAnswer;
  /** Wait for what the plugin owes, in milliseconds, where a step says no other. */
  limitMs: number;
}

/** One connection of version 2, from the host's side. What the plugin asks is served; all that comes is kept. */
export class V2Connection {
  readonly received: Message[] = [];
  readonly streams = new V2Streams((payload) => void this.send("http", payload));
  readonly #options: ConnectionOptions;
  readonly #socket: ByteSocket;
  readonly #reader = new FrameReader();
  readonly #waiters = new Set<() => void>();
  #fault: string | null = null;
  #lastId = 0;

  constructor(socket: ByteSocket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.listen({ onData: (chunk) => this.#receive(chunk), onEnd: () => this.#end() });
  }

  get isClosed(): boolean {
    return this.#socket.ended;
  }

  /** What the plugin did wrong on the wire, null where nothing. */
  get fault(): string | null {
    return this.#fault;
  }

  /** The features that the plugin took up in `ready`. */
  get features(): ReadonlySet<unknown> {
    const ready = this.received.find(({ payload }) => payload["action"] === "ready");
    return new Set(Array.isArray(ready?.payload["features"]) ? ready.payload["features"] : []);
  }

  nextId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }

  message(type: MessageType, payload: JsonObject, id?: string): Message {
    const timestamp = new Date().toISOString();
    return id === undefined ? { type, timestamp, payload } : { type, timestamp, request_id: id, payload };
  }

  async send(type: MessageType, payload: JsonObject, id?: string): Promise<void> {
    await this.sendRaw(this.message(type, payload, id));
  }

  async sendRaw(message: object): Promise<void> {
    this.#options.transcript().add("sent", show(message));
    await this.#socket.write(encodeMessage(message));
  }

  /** Sends bytes as they are; `what` says for people what they are. */
  async sendBytes(bytes: Uint8Array, what: string): Promise<void> {
    this.#options.transcript().add("sent", what);
    await this.#socket.write(bytes);
  }

  /** Sends one byte at a time. */
  async sendBytewise(bytes: Uint8Array, what: string): Promise<void> {
    this.#options.transcript().add("sent", `${what}, one byte at a time`);
    await this.#socket.writeBytewise(bytes);
  }

  /** Sends a request and waits for the payload of its reply. */
  async ask(type: MessageType, payload: JsonObject, limitMs?: number): Promise<JsonObject> {
    const id = this.nextId();
    await this.send(type, payload, id);
    return (await this.reply(type, id, limitMs)).payload;
  }

  /** Sends a body as a stream, as the plugin grants it. The request that names it must have been sent. */
  async sendStream(stream: number, body: Uint8Array, isAborted = false): Promise<void> {
    const outgoing = this.streams.begin(stream);
    this.#options.transcript().add("sent", `${body.length} bytes on stream ${stream}`);
    for (let at = 0; at < body.length && !outgoing.isStopped;) {
      const missing = `no credit for stream ${stream} behind ${at} bytes`;
      await this.waitFor(missing, () => outgoing.credit > 0 || outgoing.isStopped || undefined);
      const bytes = body.subarray(at, at + Math.min(outgoing.credit, STREAM_PIECE_BYTES));
      outgoing.credit -= bytes.length;
      at += bytes.length;
      await this.#socket.write(encodeDataFrame({ stream, bytes, isLast: false, isText: false, isAborted: false }));
    }
    await this.endStream(stream, isAborted);
  }

  /** Sends the last frame of a stream. */
  async endStream(stream: number, isAborted = false): Promise<void> {
    this.#options.transcript().add("sent", `the end of stream ${stream}${isAborted ? ", aborted" : ""}`);
    const bytes = new Uint8Array();
    await this.#socket.write(encodeDataFrame({ stream, bytes, isLast: true, isText: false, isAborted }));
  }

  /** Sends one message on a WebSocket. */
  async sendOnSocket(stream: number, bytes: Uint8Array, isText: boolean): Promise<void> {
    this.#options.transcript().add("sent", `a message of ${bytes.length} bytes on stream ${stream}`);
    await this.#socket.write(encodeDataFrame({ stream, bytes, isLast: false, isText, isAborted: false }));
  }

  /** The body of a reply, whichever way it travels. */
  async bodyOf(reply: JsonObject): Promise<Uint8Array> {
    const { stream } = reply;
    if (typeof stream !== "number") return bodyBytes(reply);
    const incoming = await this.waitFor(`no end of stream ${stream}`, () => {
      const found = this.streams.incoming(stream);
      return found?.isLast === true ? found : undefined;
    });
    if (incoming.isAborted) throw new ExamFailure(`stream ${stream} was aborted behind ${incoming.bytes} bytes`);
    return Buffer.concat(incoming.pieces, incoming.bytes);
  }

  /** The first reply to this request of ours. */
  reply(type: MessageType, id: string, limitMs?: number): Promise<Message> {
    return this.waitFor(`no reply to the ${type} request ${JSON.stringify(id)}`, () => this.replies(id)[0], limitMs);
  }

  /** All that came under this id and is no request of the plugin's own. */
  replies(id: string): Message[] {
    return this.received.filter((message) => message.request_id === id && !isOwnRequest(message));
  }

  /** The plugin's own kv requests. */
  get kvRequests(): Message[] {
    return this.received.filter(isOwnRequest);
  }

  get logs(): Message[] {
    return this.received.filter(({ type }) => type === "log");
  }

  /** Waits until `probe` finds something. `missing` says what came where it does not: "no reply to …". */
  async waitFor<T>(missing: string, probe: () => T | undefined, limitMs = this.#options.limitMs): Promise<T> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const found = probe();
      if (found !== undefined) return found;
      if (this.#fault !== null) throw new ExamFailure(this.#fault);
      if (this.isClosed) throw new ExamFailure(`${missing}: the plugin closed the connection`);
      const left = deadline - performance.now();
      if (left <= 0) throw new ExamFailure(`${missing} within ${limitMs / 1000} s`);
      await this.#change(left);
    }
  }

  /** Waits until the plugin has closed the connection; false where it has not within the limit. */
  async closedWithin(limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (!this.isClosed && performance.now() < deadline) await this.#change(deadline - performance.now());
    return this.isClosed;
  }

  close(): void {
    if (this.isClosed) return;
    this.#options.transcript().add("note", "the exam closes the connection");
    this.#socket.close();
  }

  async #change(limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limitMs);
    this.#waiters.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiters.delete(resolve);
  }

  #changed(): void {
    for (const waiter of this.#waiters) waiter();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#fault !== null) return;
    try {
      for (const payload of this.#reader.push(chunk)) {
        if (isDataFrame(payload) && this.features.has("stream")) this.streams.take(parseDataFrame(payload));
        else this.#take(parseMessage(payload));
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#fail(`a protocol error, ${error.code}: ${error.message}`);
    }
    this.#changed();
  }

  #take(message: Message): void {
    this.#options.transcript().add("came", show(message));
    if (this.received.length >= MAX_MESSAGES) return this.#fail(`more than ${MAX_MESSAGES} messages`);
    this.received.push(message);
    const { type, payload } = message;
    if (isOwnRequest(message)) void this.#serve(message);
    else if (type !== "http") return;
    else if (message.request_id === undefined) this.streams.control(payload);
    else if (typeof payload["stream"] === "number") this.streams.announce(payload["stream"]);
  }

  async #serve({ payload, request_id: id = "" }: Message): Promise<void> {
    const answer = await this.#options.answerKv(payload, id);
    if (answer !== null) await this.send("kv", answer, id);
  }

  #fail(fault: string): void {
    this.#fault ??= fault;
    this.#options.transcript().add("came", fault);
    this.#socket.close();
  }

  #end(): void {
    try {
      this.#reader.end();
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      if (this.#fault === null) this.#options.transcript().add("note", error.message);
    }
    this.#options.transcript().add("note", "the connection is closed");
    this.#changed();
  }
}

/** Of kv, which goes both ways, a payload with `action` is a request. */
function isOwnRequest({ type, payload, request_id: id }: Message): boolean {
  return type === "kv" && typeof id === "string" && Object.hasOwn(payload, "action");
}
