import type { IncomingStream } from "./stream/incoming-stream.ts";
import type { OutgoingStream } from "./stream/outgoing-stream.ts";
import type { StreamTable } from "./stream/stream-table.ts";

export interface ExchangeOptions {
  /** Where the body of the request comes piece by piece, or the messages of a WebSocket. */
  incoming: IncomingStream | null;
  /** Null where the host did not offer the feature `stream`. */
  streams: StreamTable | null;
  /** False where the payload does not fit a frame; an error was sent in its place. */
  reply: (payload: object) => boolean;
}

/** One request of the host while it is worked on: what belongs to it ends with it. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #controller = new AbortController();
  #outgoing: OutgoingStream | null = null;
  /**
   * What the plugin was given. Held as long as the exchange: Node hands an abort on to a Request by a weak reference, so a
   * handler that waits for nothing but `request.signal` would be collected, and never hear of it.
   */
  request: Request | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Aborted when nobody waits any more for the answer, or for the rest of it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get incoming(): IncomingStream | null {
    return this.#options.incoming;
  }

  get takesStreams(): boolean {
    return this.#options.streams !== null;
  }

  /** Once. Dropped where nobody waits any more. */
  reply(payload: object): void {
    if (!this.signal.aborted) this.#options.reply(payload);
  }

  /** The same with a body that follows on the stream which this returns; null where nobody waits for it. */
  replyStream(head: object): OutgoingStream | null {
    const { streams, reply } = this.#options;
    if (streams === null || this.signal.aborted) return null;
    const stream = streams.open(() => this.abort("the client has gone"));
    if (!reply({ ...head, stream: stream.id })) {
      stream.discard();
      return null;
    }
    this.#outgoing = stream;
    return stream;
  }

  /** Nobody waits any more. */
  abort(reason: string): void {
    const error = new DOMException(reason, "AbortError");
    this.#controller.abort(error);
    this.#outgoing?.abort();
    this.incoming?.fail(error);
  }

  /** The work is done; nothing is sent or read any more. */
  end(): void {
    this.#outgoing?.end();
    this.incoming?.fail(new Error("the request was answered before its body was read to the end"));
  }
}
