import type { Socket } from "node:net";
import type { KvOperation } from "./key-value.ts";
import type { LogPayload } from "./log.ts";
import { encodeFrame, FrameDecoder, MAX_FRAME_BYTES } from "./wire/frame.ts";
import { errorPayload, isObject, makeMessage, readMessage } from "./wire/message.ts";
import type { JsonObject, Message, MessageType } from "./wire/message.ts";
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
  /** Resolves with the payload of the reply. A rejection is a fault of the plugin. */
  request(type: "http" | "kv", payload: JsonObject, signal: AbortSignal): Promise<object>;
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
  readonly #inFlight = new Map<string, AbortController>();
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

  /** Resolves when no request is in flight. */
  idle(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#awaitIdle.push(resolve));
  }

  /** Aborts what is in flight; no reply is sent for it. */
  abort(reason: string): void {
    const controllers = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const controller of controllers) controller.abort(new DOMException(reason, "AbortError"));
    this.#checkIdle();
  }

  /** Sends what is left and closes. Resolves when that is done. */
  end(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.#socket.end(resolve));
  }

  #receive(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk, (message) => {
        if (!this.#isClosed) this.#dispatch(readMessage(message));
      });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#close(error);
    }
  }

  #dispatch({ type, request_id: id, payload }: Message): void {
    if (!isObject(payload)) return;
    if (type === "lifecycle") return this.#lifecycle(payload, id);
    if (!this.#isReady) throw new ProtocolError("invalid_message", "the first message of the host must be init");
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
    if (action === "ping") return this.#reply("lifecycle", id, { action: "pong" });
    this.#reply("lifecycle", id, errorPayload("unsupported", `this plugin knows no lifecycle action ${quote(action)}`));
  }

  #init(payload: JsonObject, id: string): void {
    const refusal = this.#handlers.init(payload);
    if (refusal !== null) return this.#reply("lifecycle", id, errorPayload(refusal.code, refusal.message));
    this.#isReady = true;
    this.#reply("lifecycle", id, { action: "ready", features: [] });
    this.#handlers.ready(this);
  }

  #serve(type: "http" | "kv", id: string, payload: JsonObject): void {
    if (this.#inFlight.has(id)) return; // the host breaks its word; an answer would end the first request of that id
    if (this.#working >= MAX_REQUESTS_IN_FLIGHT || this.#socket.writableLength > MAX_UNSENT_BYTES) {
      return this.#reply(type, id, errorPayload("busy", `${this.#working} requests are worked on already`));
    }
    this.#working += 1;
    const controller = new AbortController();
    this.#inFlight.set(id, controller);
    void this.#handlers
      .request(type, payload, controller.signal)
      .then((reply) => this.#answer(type, id, controller, reply))
      .finally(() => (this.#working -= 1));
  }

  #answer(type: MessageType, id: string, controller: AbortController, reply: object): void {
    if (this.#inFlight.get(id) !== controller) return; // cancelled
    this.#inFlight.delete(id);
    this.#reply(type, id, reply);
    this.#checkIdle();
  }

  #cancel(id: string): void {
    const controller = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    controller?.abort(new DOMException("nobody waits for the answer any more", "AbortError"));
    this.#checkIdle();
  }

  #reply(type: MessageType, id: string, payload: object): void {
    if (this.#send(makeMessage(type, payload, id))) return;
    const message = `the answer does not fit a frame of ${MAX_FRAME_BYTES} bytes, encoded; send less, or in parts`;
    this.#handlers.failed("An answer is too large", new Error(message));
    this.#send(makeMessage(type, errorPayload("too_large", message), id));
  }

  /** False where the message does not fit a frame. */
  #send(message: Message): boolean {
    const frame = encodeFrame(message);
    if (frame === null) return false;
    if (this.#isClosed) return true;
    this.#socket.write(frame);
    if (this.#socket.writableLength > MAX_STUCK_BYTES) this.#close(null);
    return true;
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

function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : "of that kind";
}
