import { parseDataFrame, ProtocolError, v2 } from "@toru/protocol";
import { IncomingStream } from "./incoming-stream.ts";
import { OutgoingStream } from "./outgoing-stream.ts";

const MAX_ID = 0xffff_ffff;

export interface StreamTableOptions {
  sendFrame: (frame: Uint8Array) => void;
  /** Sends a message of type http without a request_id. */
  sendControl: (payload: Record<string, unknown>) => void;
}

/** The streams of one connection, in both directions. Each side counts its own. */
export class StreamTable {
  readonly #options: StreamTableOptions;
  readonly #outgoing = new Map<number, OutgoingStream>();
  readonly #incoming = new Map<number, IncomingStream>();
  #nextId = 1;

  constructor(options: StreamTableOptions) {
    this.#options = options;
  }

  /** A stream to the plugin. Its id is named in a message before anything is sent on it. */
  send(onProgress: () => void): OutgoingStream {
    const id = this.#freeId();
    const stream = new OutgoingStream({
      id,
      send: this.#options.sendFrame,
      onProgress,
      onEnd: () => this.#outgoing.delete(id),
    });
    this.#outgoing.set(id, stream);
    return stream;
  }

  /** The stream that a message of the plugin names. Call it before anything behind that message is read. */
  receive(id: unknown): IncomingStream {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id > MAX_ID) {
      throw new ProtocolError("invalid_message", "a stream is a whole number of 32 bits");
    }
    if (this.#incoming.has(id)) throw new ProtocolError("invalid_message", `stream ${id} is in use already`);
    const stream = new IncomingStream({
      id,
      grant: (bytes) => this.#options.sendControl(v2.creditPayload(id, bytes)),
      stop: () => {
        this.#incoming.delete(id);
        this.#options.sendControl(v2.stopPayload(id));
      },
    });
    this.#incoming.set(id, stream);
    return stream;
  }

  /** A frame of bytes. One of a stream that is not known any more was on its way when we stopped it. */
  data(payload: Uint8Array): void {
    const frame = parseDataFrame(payload);
    const stream = this.#incoming.get(frame.stream);
    if (frame.isLast) this.#incoming.delete(frame.stream);
    stream?.push(frame);
  }

  /** The plugin's word on a stream of ours. False where the payload is none. */
  control(payload: unknown): boolean {
    const control = v2.readStreamControl(payload);
    if (control === null) return false;
    const stream = this.#outgoing.get(control.stream);
    if (control.stop) stream?.stop();
    else stream?.grant(control.credit);
    return true;
  }

  /** The connection is gone. */
  close(): void {
    for (const stream of this.#outgoing.values()) stream.abort();
    for (const stream of this.#incoming.values()) stream.break();
    this.#incoming.clear();
  }

  #freeId(): number {
    while (this.#outgoing.has(this.#nextId)) this.#nextId = (this.#nextId % MAX_ID) + 1;
    const id = this.#nextId;
    this.#nextId = (id % MAX_ID) + 1;
    return id;
  }
}
