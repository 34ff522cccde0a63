import type { Socket } from "node:net";
import type { DataFrame } from "../wire/data-frame.ts";
import { isObject, type JsonObject } from "../wire/message.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { IncomingStream } from "./incoming-stream.ts";
import { OutgoingStream } from "./outgoing-stream.ts";
import { SendRoom } from "./send-room.ts";

const MAX_ID = 0xffff_ffff;

export interface StreamTableOptions {
  socket: Socket;
  writeFrame: (frame: Buffer) => void;
  /** Sends a message of the type http without a `request_id`. */
  sendControl: (payload: JsonObject) => void;
}

/** The streams of one connection, in both directions; each side counts its own. As many as requests in flight. */
export class StreamTable {
  readonly #options: StreamTableOptions;
  readonly #room: SendRoom;
  readonly #outgoing = new Map<number, OutgoingStream>();
  readonly #incoming = new Map<number, IncomingStream>();
  #lastId = 0;

  constructor(options: StreamTableOptions) {
    this.#options = options;
    this.#room = new SendRoom(options.socket);
  }

  /** A stream of ours. Name it in a message before anything is sent on it. */
  open(onStop: () => void): OutgoingStream {
    const id = this.#freeId();
    const { writeFrame: write } = this.#options;
    const stream = new OutgoingStream({
      id,
      room: this.#room,
      write,
      onStop,
      onEnd: () => this.#outgoing.delete(id),
    });
    this.#outgoing.set(id, stream);
    return stream;
  }

  /** The stream that a message of the other side names. Call it before anything behind that message is read. */
  receive(id: unknown): IncomingStream {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id > MAX_ID) {
      throw new ProtocolError("invalid_message", "a stream is a whole number of 32 bits");
    }
    if (this.#incoming.has(id)) throw new ProtocolError("invalid_message", `stream ${id} is under way already`);
    const stream = new IncomingStream({
      id,
      grant: (bytes) => this.#options.sendControl({ stream: id, credit: bytes }),
      stop: () => {
        this.#incoming.delete(id);
        this.#options.sendControl({ stream: id, stop: true });
      },
    });
    this.#incoming.set(id, stream);
    return stream;
  }

  /** A piece. One of a stream that is not known was on its way when we stopped it. */
  data(frame: DataFrame): void {
    const stream = this.#incoming.get(frame.stream);
    if (frame.isLast) this.#incoming.delete(frame.stream);
    stream?.push(frame);
  }

  /** The other side's word on a stream of ours; anything else is ignored. */
  control(payload: unknown): void {
    if (!isObject(payload)) return;
    const { stream: id, credit, stop } = payload;
    const stream = typeof id === "number" ? this.#outgoing.get(id) : undefined;
    if (stop === true) stream?.stop();
    else if (typeof credit === "number" && credit > 0) stream?.grant(credit);
  }

  /** The connection is gone. */
  close(): void {
    for (const stream of this.#outgoing.values()) stream.discard();
    const error = new DOMException("the connection was lost", "AbortError");
    for (const stream of this.#incoming.values()) stream.fail(error);
  }

  #freeId(): number {
    do this.#lastId = (this.#lastId % MAX_ID) + 1;
    while (this.#outgoing.has(this.#lastId));
    return this.#lastId;
  }
}
