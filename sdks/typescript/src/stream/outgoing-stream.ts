import { encodeDataFrame, type DataFrame } from "../wire/data-frame.ts";
import { STREAM_WINDOW_BYTES } from "./incoming-stream.ts";
import type { SendRoom } from "./send-room.ts";

/** Larger pieces are cut, so that the streams and messages of one connection take turns. */
const MAX_PIECE_BYTES = 64 * 1024;

const NO_BYTES = new Uint8Array(0);

export interface OutgoingOptions {
  id: number;
  room: SendRoom;
  write: (frame: Buffer) => void;
  /** The other side wants no more. */
  onStop: () => void;
  /** Once: nothing is sent any more. */
  onEnd: () => void;
}

/** Bytes to the other side, never further ahead than it has granted. One `send` at a time. */
export class OutgoingStream {
  readonly #options: OutgoingOptions;
  #credit = STREAM_WINDOW_BYTES;
  #wake: (() => void) | null = null;
  #hasEnded = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  get id(): number {
    return this.#options.id;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Sends in pieces. Resolves when the last one is on its way, or when the stream has ended. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      await this.#maySend(1);
      if (this.#hasEnded) return;
      const size = Math.min(bytes.length - at, this.#credit, MAX_PIECE_BYTES);
      this.#frame({ bytes: bytes.subarray(at, at + size) });
      at += size;
    }
  }

  /** Sends in one frame: a message of a WebSocket. Resolves with false where the stream has ended before it. */
  async sendMessage(bytes: Uint8Array, isText: boolean): Promise<boolean> {
    await this.#maySend(bytes.length);
    if (this.#hasEnded) return false;
    this.#frame({ bytes, isText });
    return true;
  }

  /** That was all. */
  end(): void {
    this.#finish(false);
  }

  /** What was sent is not all, and no more comes. */
  abort(): void {
    this.#finish(true);
  }

  /** The other side has taken so many bytes. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#wake?.();
  }

  /** The other side wants no more. */
  stop(): void {
    if (this.#hasEnded) return;
    this.end();
    this.#options.onStop();
  }

  /** Without a word: the other side was never told of it. */
  discard(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#wake?.();
    this.#options.onEnd();
  }

  #finish(isAborted: boolean): void {
    if (this.#hasEnded) return;
    this.#frame({ isLast: true, isAborted });
    this.discard();
  }

  /** Waits for credit, and for room on the connection; or for the end. */
  async #maySend(bytes: number): Promise<void> {
    while (!this.#hasEnded) {
      if (this.#credit < bytes) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (this.#options.room.isFull) await this.#options.room.wait();
      else return;
    }
  }

  #frame(facts: Partial<DataFrame>): void {
    const frame = { stream: this.id, bytes: NO_BYTES, isLast: false, isText: false, isAborted: false, ...facts };
    this.#credit -= frame.bytes.length;
    this.#options.write(encodeDataFrame(frame));
  }
}
