import type { DataFrame } from "../wire/data-frame.ts";
import { ProtocolError } from "../wire/protocol-error.ts";

/** What a sender may have on its way on one stream that its receiver has not granted anew, in bytes. */
export const STREAM_WINDOW_BYTES = 256 * 1024;
/** What was taken is granted anew as soon as it is this much: few messages, and no pause for a reader that keeps up. */
const GRANT_BYTES = STREAM_WINDOW_BYTES / 4;
/** Frames that may wait for a reader: empty ones cost no window, and small ones more memory than they hold. */
const MAX_UNREAD_FRAMES = 64 * 1024;

export interface IncomingOptions {
  id: number;
  grant: (bytes: number) => void;
  /** Tells the sender that nobody reads any more. */
  stop: () => void;
}

/**
 * Frames from the other side until somebody takes them, no more than the window: a reader that waits holds up the sender of
 * its own stream. They are granted as they are taken, never ahead of that.
 */
export class IncomingStream {
  readonly #options: IncomingOptions;
  /** The first is at the end. */
  #leaving: DataFrame[] = [];
  #arriving: DataFrame[] = [];
  #unreadBytes = 0;
  /** Taken, and not granted anew yet. */
  #takenBytes = 0;
  #end: "complete" | Error | null = null;
  #wake: (() => void) | null = null;
  #settleEnded = () => {};
  /** Resolves when nothing more comes; what has arrived may still wait. */
  readonly ended: Promise<void>;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#settleEnded = resolve));
  }

  /** Keeps a copy. Throws where the sender goes beyond what it was granted. */
  push({ bytes, ...frame }: DataFrame): void {
    if (this.#end !== null) return;
    const isTooMuch = this.#unreadBytes + this.#takenBytes + bytes.length > STREAM_WINDOW_BYTES;
    if (isTooMuch || this.#arriving.length + this.#leaving.length >= MAX_UNREAD_FRAMES) {
      const limits = `${STREAM_WINDOW_BYTES} bytes that were not granted, or ${MAX_UNREAD_FRAMES} frames that wait`;
      throw new ProtocolError("stream_window", `the host sent more on stream ${this.#options.id} than ${limits}`);
    }
    const isOnlyTheEnd = frame.isLast && bytes.length === 0 && !frame.isText;
    if (!isOnlyTheEnd) this.#arriving.push({ ...frame, bytes: new Uint8Array(bytes) });
    this.#unreadBytes += bytes.length;
    if (frame.isLast)
      this.#finish(frame.isAborted ? aborted("what came is not all: its sender could not go on") : "complete");
    else this.#wake?.();
  }

  /** The next frame, null behind the last one. Rejects, behind what has arrived, where the stream did not end well. */
  async next(): Promise<DataFrame | null> {
    for (;;) {
      const frame = this.#take();
      if (frame !== undefined) return frame;
      if (this.#end === "complete") return null;
      if (this.#end !== null) throw this.#end;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The bytes as the web's own stream, which asks for nothing ahead of its reader. */
  body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream(
      {
        pull: async (controller) => {
          for (;;) {
            const frame = await this.next();
            if (frame === null) return controller.close();
            if (frame.bytes.length === 0) continue;
            return controller.enqueue(frame.bytes as Uint8Array<ArrayBuffer>);
          }
        },
        cancel: () => this.fail(aborted("the body was cancelled")),
      },
      { highWaterMark: 0 },
    );
  }

  /** Wants no more, and says so. What has arrived can still be taken; reading on fails by `error`. */
  fail(error: Error): void {
    if (this.#end !== null) return;
    this.#finish(error);
    this.#options.stop();
  }

  #finish(end: "complete" | Error): void {
    this.#end = end;
    this.#settleEnded();
    this.#wake?.();
  }

  #take(): DataFrame | undefined {
    if (this.#leaving.length === 0) {
      this.#leaving = this.#arriving.toReversed();
      this.#arriving = [];
    }
    const frame = this.#leaving.pop();
    if (frame === undefined) return undefined;
    this.#unreadBytes -= frame.bytes.length;
    this.#takenBytes += frame.bytes.length;
    if (this.#end === null && this.#takenBytes >= GRANT_BYTES) {
      this.#options.grant(this.#takenBytes);
      this.#takenBytes = 0;
    }
    return frame;
  }
}

function aborted(message: string): Error {
  return new DOMException(message, "AbortError");
}
