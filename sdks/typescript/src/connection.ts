import type { Socket } from "node:net";
import { Exchange } from "./exchange.ts";
import type { KvOperation } from "./key-value.ts";
import type { LogPayload } from "./log.ts";
import { StreamTable } from "./stream/stream-table.ts";
import { encodeFrame, type FrameReceiver, FrameDecoder, MAX_FRAME_BYTES } from "./wire/frame.ts";
import { errorPayload, makeMessage, quote, readMessage } from "./wire/message.ts";
import type { JsonObject, Message, MessageType, ReceivedMessage } from "./wire/message.ts";
import { ProtocolError } from "./wire/protocol-error.ts";

/**
 * Requests of the host that are worked on at a time, those among them that were cancelled and go on all the same; one more is
 * answered by the error `busy`.
 */
export const MAX_REQUESTS_IN_FLIGHT = 1024;
/** Bytes that may wait for a host that reads slowly: above, new requests are refused, and the log goes to stderr. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;
/** Bytes that wait for a host which does not read at all: above, the connection is given up. */
const MAX_STUCK_BYTES = 256 * 1024 * 1024;

export interface ConnectionHandlers {
  /** `init` came. Returns an error to refuse it, or null. */
  init(payload: JsonObject): { code: string; message: string } | null;
  /** It was answered by `ready`: from now on both sides may send. */
  ready(connection: Connection): void;
  /** Replies through the exchange, and resolves when all is sent. Never rejects. */
  request(type: "http" | "kv", payload: JsonObject, exchange: Exchange): Promise<void>;
  /** The host answered a request of `kv`. */
  kvReply(id: string, payload: JsonObject): void;
  shutdown(graceMs: number): void;
  /** A request failed, or its answer does not fit a frame. */
  failed(what: string, error: unknown): void;
  /** Once. `fault` is what the host did wrong, null where it just closed. */
  closed(connection: Connection, fault: ProtocolError | null): void;
}

/** One connection of the host: requests in both directions, answered in any order. */
export class Connection {
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  readonly #decoder = new FrameDecoder();
  readonly #receiver: FrameReceiver = {
    message: (message) => {
      if (!this.#isClosed) this.#dispatch(readMessage(message));
    },
    data: null,
  };
  /** Null where the host does not offer the feature `stream`. */
  #streams: StreamTable | null = null;
  readonly #inFlight = new Map<string, Exchange>();
  #working = 0;
  #isReady = false;
  #isClosed = false;
  readonly #awaitIdle: (() => void)[] = [];

  constructor(socket: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("end", () => this.#ended());
    socket.on("error", () => this.#close(null));
    socket.on("close", () => this.#close(null));
  }

  kv(operation: KvOperation, id: string): void {
    this.#send(makeMessage("kv", operation, id));
  }

  /** False where the line was not taken. */
  log(payload: LogPayload): boolean {
    if (this.#isClosed || this.#socket.writableLength > MAX_UNSENT_BYTES) return false;
    return this.#send(makeMessage("log", payload));
  }

  /** Resolves when no request, stream or WebSocket is in flight. */
  idle(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#awaitIdle.push(resolve));
  }

  /** Aborts what is in flight; no reply is sent for it. */
  abort(reason: string): void {
    const exchanges = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const exchange of exchanges) exchange.abort(reason);
    this.#checkIdle();
  }

  /**
   * Sends what is left and closes. Resolves when the host has closed, too: it has read all of it then. A process that ended
   * before that, with something of the host unread, could take its own last bytes with it.
   */
  end(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once("close", () => resolve());
      this.#socket.end();
    });
  }

  #receive(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk, this.#receiver);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#close(error);
    }
  }

  #dispatch({ type, request_id: id, payload }: ReceivedMessage): void {
    if (type === "lifecycle") return this.#lifecycle(payload, id);
    if (!this.#isReady) throw new ProtocolError("invalid_message", "the first message of the host must be init");
    if (type === "http" && id === undefined) return this.#streams?.control(payload);
    if (id === undefined || type === "log") return;
    const isRequest = type === "http" ? "method" in payload : "action" in payload;
    if (isRequest) this.#serve(type, id, payload);
    else if (payload["cancel"] === true) this.#cancel(id);
    else if (type === "kv") this.#handlers.kvReply(id, payload);
  }

  #lifecycle(payload: JsonObject, id: string | undefined): void {
    const { action } = payload;
    if (action === "shutdown") return this.#handlers.shutdown(toGrace(payload["grace_ms"]));
    if (id === undefined) return;
    if (action === "init") return this.#init(payload, id);
    if (action === "ping") return void this.#reply("lifecycle", id, { action: "pong" });
    this.#reply("lifecycle", id, errorPayload("unsupported", `this plugin knows no lifecycle action ${quote(action)}`));
  }

  #init(payload: JsonObject, id: string): void {
    const refusal = this.#handlers.init(payload);
    if (refusal !== null) return void this.#reply("lifecycle", id, errorPayload(refusal.code, refusal.message));
    this.#isReady = true;
    this.#reply("lifecycle", id, { action: "ready", features: this.#takeUp(payload["features"]) });
    this.#handlers.ready(this);
  }

  #takeUp(offered: unknown): string[] {
    if (!Array.isArray(offered) || !offered.includes("stream")) return [];
    const streams = (this.#streams ??= new StreamTable({
      socket: this.#socket,
      writeFrame: (frame) => this.#write(frame),
      sendControl: (control) => this.#send(makeMessage("http", control)),
    }));
    this.#receiver.data = (frame) => streams.data(frame);
    return offered.includes("websocket") ? ["stream", "websocket"] : ["stream"];
  }

  #serve(type: "http" | "kv", id: string, payload: JsonObject): void {
    if (this.#inFlight.has(id)) return; // the host breaks its word; an answer would end the first request of that id
    // Now, since its bytes may be right behind.
    const incoming =
      type === "http" && "stream" in payload ? (this.#streams?.receive(payload["stream"]) ?? null) : null;
    const reply = (answer: object) => this.#reply(type, id, answer);
    const exchange = new Exchange({ incoming, streams: this.#streams, reply });
    if (this.#working >= MAX_REQUESTS_IN_FLIGHT || this.#socket.writableLength > MAX_UNSENT_BYTES) {
      exchange.reply(errorPayload("busy", `${this.#working} requests are worked on already`));
      return exchange.end();
    }
    this.#working += 1;
    this.#inFlight.set(id, exchange);
    void this.#handlers.request(type, payload, exchange).finally(() => {
      this.#working -= 1;
      exchange.end();
      if (this.#inFlight.get(id) === exchange) this.#inFlight.delete(id);
      this.#checkIdle();
    });
  }

  #cancel(id: string): void {
    const exchange = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    exchange?.abort("nobody waits for the answer any more");
    this.#checkIdle();
  }

  /** False where an error was sent in place of a payload that does not fit a frame. */
  #reply(type: MessageType, id: string, payload: object): boolean {
    if (this.#send(makeMessage(type, payload, id))) return true;
    const message = `the answer does not fit a frame of ${MAX_FRAME_BYTES} bytes, encoded; send less, or in parts`;
    this.#handlers.failed("An answer is too large", new Error(message));
    this.#send(makeMessage(type, errorPayload("too_large", message), id));
    return false;
  }

  /** False where the message does not fit a frame. */
  #send(message: Message): boolean {
    const frame = encodeFrame(message);
    if (frame !== null) this.#write(frame);
    return frame !== null;
  }

  #write(frame: Buffer): void {
    if (this.#isClosed) return;
    this.#socket.write(frame);
    if (this.#socket.writableLength > MAX_STUCK_BYTES) this.#close(null);
  }

  #ended(): void {
    try {
      this.#decoder.end();
      this.#close(null);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#close(error);
    }
  }

  #close(fault: ProtocolError | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.abort("the connection to the host was lost");
    this.#streams?.close();
    this.#handlers.closed(this, fault);
  }

  #checkIdle(): void {
    if (this.#inFlight.size > 0) return;
    for (const resolve of this.#awaitIdle.splice(0)) resolve();
  }
}

const DEFAULT_GRACE_MS = 5_000;

function toGrace(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : DEFAULT_GRACE_MS;
}
