import {
  type DataFrame,
  encodeDataFrame,
  release,
  retain,
  STREAM_WINDOW_BYTES,
  type WebSocketMessages,
} from "@toru/protocol";

/** Larger pieces are cut, so that the streams and messages of one connection take turns. */
const MAX_PIECE_BYTES = 64 * 1024;

const EMPTY = new Uint8Array(0);

export interface OutgoingOptions {
  id: number;
  /** Releases the frame when it is sent. */
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
  #source: { cancel(): Promise<void> } | null = null;
  #ended = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  get id(): number {
    return this.#options.id;
  }

  /**
   * Sends all of `source`, whose pieces are for nobody else, then the last frame; where the source fails, the plugin learns that
   * it is not all.
   */
  pump(source: ReadableStream<Uint8Array>): Promise<void> {
    return this.#pump(source.getReader(), async (bytes) => {
      retain(bytes);
      await this.#send(bytes);
      release(bytes);
    });
  }

  /** Likewise, each message in a frame of its own, of at most MAX_WEBSOCKET_MESSAGE_BYTES. */
  pumpMessages(source: WebSocketMessages): Promise<void> {
    return this.#pump(source.getReader(), (message) => this.#sendMessage(message));
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    this.#options.onProgress();
    this.#wake();
  }

  /** The plugin wants no more. */
  stop(): void {
    this.#end(false);
  }

  /** What was sent is not all, and no more comes. */
  abort(): void {
    this.#end(true);
  }

  async #pump<T>(reader: ReadableStreamDefaultReader<T>, send: (piece: T) => Promise<void>): Promise<void> {
    this.#source = reader;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#ended) return;
        if (done) return this.#end(false);
        await send(value);
      }
    } catch {
      this.#end(true); // why is the source's affair: the client went away, or sent more than it may
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#ended;) {
      await this.#credited(1);
      const size = Math.min(bytes.length - at, this.#credit, MAX_PIECE_BYTES);
      this.#frame({ bytes: bytes.subarray(at, at + size) });
      at += size;
    }
  }

  async #sendMessage(message: string | Uint8Array): Promise<void> {
    const isText = typeof message === "string";
    const bytes = isText ? Buffer.from(message) : message;
    await this.#credited(bytes.length);
    this.#frame({ bytes, isText });
  }

  /** Waits until so many bytes may be sent, or nothing any more. */
  async #credited(bytes: number): Promise<void> {
    while (this.#credit < bytes && !this.#ended) {
      this.#granted ??= Promise.withResolvers();
      await this.#granted.promise;
    }
  }

  #end(isAborted: boolean): void {
    if (this.#ended) return;
    this.#frame({ isLast: true, isAborted });
    this.#ended = true;
    this.#wake();
    this.#source?.cancel().catch(() => undefined); // it has ended or failed already
    this.#options.onProgress();
    this.#options.onEnd();
  }

  #frame(facts: Partial<DataFrame>): void {
    if (this.#ended) return;
    const frame = { stream: this.#options.id, bytes: EMPTY, isLast: false, isText: false, isAborted: false, ...facts };
    this.#credit -= frame.bytes.length;
    const encoded = encodeDataFrame(frame);
    retain(encoded);
    this.#options.send(encoded);
  }

  #wake(): void {
    this.#granted?.resolve();
    this.#granted = null;
  }
}
