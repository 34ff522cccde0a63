import { encodeDataFrame, STREAM_WINDOW_BYTES } from "@toru/protocol";

/** Larger pieces are cut, so that the streams and messages of one connection take turns. */
const MAX_PIECE_BYTES = 64 * 1024;

const EMPTY = new Uint8Array(0);

export interface OutgoingOptions {
  id: number;
  send: (frame: Uint8Array) => void;
  /** The plugin has taken some, or has been sent the last. */
  onProgress: () => void;
  /** Once: nothing is sent any more. */
  onEnd: () => void;
}

/** Bytes to a plugin, never further ahead than it has granted. */
export class OutgoingStream {
  readonly #options: OutgoingOptions;
  #credit = STREAM_WINDOW_BYTES;
  #granted: PromiseWithResolvers<void> | null = null;
  #source: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #ended = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  get id(): number {
    return this.#options.id;
  }

  /** Sends all of `source`, then the last frame; where the source fails, the plugin learns that it is not all. */
  async pump(source: ReadableStream<Uint8Array>): Promise<void> {
    const reader = source.getReader();
    this.#source = reader;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#ended) return;
        if (done) return this.#end(false);
        await this.#send(value);
      }
    } catch {
      this.#end(true); // why is the source's affair: the client went away, or sent more than it may
    }
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    this.#options.onProgress();
    this.#granted?.resolve();
    this.#granted = null;
  }

  /** The plugin wants no more. */
  stop(): void {
    this.#end(false);
  }

  /** What was sent is not all, and no more comes. */
  abort(): void {
    this.#end(true);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#ended;) {
      if (this.#credit <= 0) {
        this.#granted ??= Promise.withResolvers();
        await this.#granted.promise;
        continue;
      }
      const size = Math.min(bytes.length - at, this.#credit, MAX_PIECE_BYTES);
      this.#credit -= size;
      this.#frame(bytes.subarray(at, at + size), false, false);
      at += size;
    }
  }

  #end(isAborted: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#frame(EMPTY, true, isAborted);
    this.#granted?.resolve();
    this.#source?.cancel().catch(() => undefined); // it has ended or failed already
    this.#options.onProgress();
    this.#options.onEnd();
  }

  #frame(bytes: Uint8Array, isLast: boolean, isAborted: boolean): void {
    this.#options.send(encodeDataFrame({ stream: this.#options.id, bytes, isLast, isAborted, isText: false }));
  }
}
