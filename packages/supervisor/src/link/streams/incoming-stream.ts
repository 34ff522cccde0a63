import { type DataFrame, ProtocolError, STREAM_WINDOW_BYTES } from "@toru/protocol";

/** The plugin is granted what was read as soon as it is this much: few messages, and no pause for a reader that keeps up. */
const GRANT_BYTES = STREAM_WINDOW_BYTES / 4;

export interface IncomingOptions {
  id: number;
  grant: (bytes: number) => void;
  /** Tells the plugin that nobody reads any more. */
  stop: () => void;
}

/** Bytes from a plugin. What nobody has read yet is bounded by the window: a reader that stops holds up the plugin's sender. */
export class IncomingStream {
  /** Ends as the plugin ended it; fails where the plugin could not go on or is gone. */
  readonly readable: ReadableStream<Uint8Array>;
  readonly #options: IncomingOptions;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #readBytes = 0;
  #state: "open" | "complete" | "broken" | "stopped" = "open";
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #arrived: PromiseWithResolvers<void> | null = null;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.stop(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Throws where the plugin sends more than it was granted. */
  push({ bytes, isLast, isAborted }: DataFrame): void {
    if (this.#state !== "open") return;
    if (this.#unreadBytes + this.#readBytes + bytes.length > STREAM_WINDOW_BYTES) {
      throw new ProtocolError(
        "stream_window",
        `stream ${this.#options.id} is more than ${STREAM_WINDOW_BYTES} bytes ahead of what was granted`,
      );
    }
    if (bytes.length > 0) {
      this.#unread.push(bytes.slice()); // a view of a chunk that is not ours to keep
      this.#unreadBytes += bytes.length;
    }
    if (isLast) this.#state = isAborted ? "broken" : "complete";
    this.#wake();
  }

  /** Nobody reads it any more. */
  stop(): void {
    if (this.#state === "open") this.#options.stop();
    this.#state = "stopped";
    this.#unread = [];
    this.#wake();
  }

  /** The connection is gone. What has arrived is still read. */
  break(): void {
    if (this.#state === "open") this.#state = "broken";
    this.#wake();
  }

  async #pull(): Promise<void> {
    if (this.#unread.length === 0 && this.#state === "open") {
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
    const [first] = this.#unread;
    if (first !== undefined) return this.#deliver(this.#unread.length === 1 ? first : Buffer.concat(this.#unread));
    // Without a reason: Bun prints one at the host's terminal, and cuts the client's connection either way.
    if (this.#state === "broken") this.#controller?.error();
    else if (this.#state === "complete") this.#controller?.close();
  }

  #deliver(bytes: Uint8Array): void {
    this.#unread = [];
    this.#unreadBytes = 0;
    this.#readBytes += bytes.length;
    this.#controller?.enqueue(bytes);
    if (this.#state !== "open" || this.#readBytes < GRANT_BYTES) return;
    this.#options.grant(this.#readBytes);
    this.#readBytes = 0;
  }

  #wake(): void {
    this.#arrived?.resolve();
    this.#arrived = null;
  }
}
