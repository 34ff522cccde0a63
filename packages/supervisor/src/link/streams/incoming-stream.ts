import { type DataFrame, ProtocolError, release, retain, STREAM_WINDOW_BYTES } from "@toru/protocol";
import { within } from "../../process/within.ts";

/** The plugin is granted what was read as soon as it is this much: few messages, and no pause for a reader that keeps up. */
const GRANT_BYTES = STREAM_WINDOW_BYTES / 4;

/**
 * Frames that may wait for a reader; more end the stream. Empty messages cost nothing of the window, and small pieces more memory
 * than they hold.
 */
const MAX_UNREAD_FRAMES = 64 * 1024;

/** How long a short body may take from its first piece to its last to count as one. */
const WHOLE_WITHIN_MS = 20;

export interface IncomingOptions {
  id: number;
  grant: (bytes: number) => void;
  /** Tells the plugin that nobody reads any more. */
  stop: () => void;
}

/**
 * Frames from a plugin until somebody reads them. What nobody has read yet is bounded by the window: a reader that stops holds up
 * the plugin's sender.
 */
export class IncomingStream {
  readonly #options: IncomingOptions;
  #unread: DataFrame[] = [];
  #unreadBytes = 0;
  #readBytes = 0;
  #state: "open" | "complete" | "broken" | "stopped" = "open";
  #arrived: PromiseWithResolvers<void> | null = null;

  constructor(options: IncomingOptions) {
    this.#options = options;
  }

  /**
   * All of it, where it is here already, or will be within a moment if `mayWait`: one whole body is much less work than a
   * stream of pieces. Null where it is not, and nothing was taken then. What does not fit the window never comes whole. It is
   * retained for whoever takes it.
   */
  async whole(mayWait: boolean): Promise<Uint8Array | null> {
    const until = performance.now() + (mayWait ? WHOLE_WITHIN_MS : 0);
    while (this.#state === "open") {
      const left = until - performance.now();
      if (left <= 0) return null;
      await within(this.#something(), left);
    }
    if (this.#state !== "complete") return null;
    const pieces = this.#unread.map(({ bytes }) => bytes);
    this.#unread = [];
    if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0];
    const all = Buffer.concat(pieces);
    retain(all);
    for (const piece of pieces) release(piece);
    return all;
  }

  /** Ends as the plugin ended it; fails where the plugin could not go on or is gone. A piece is valid until the next one is asked for. */
  bytes(): ReadableStream<Uint8Array> {
    return this.#readable(({ bytes }) => (bytes.length === 0 ? null : bytes));
  }

  /** Likewise, each message by itself. */
  messages(): ReadableStream<string | Uint8Array> {
    return this.#readable(({ bytes, isText }) => (isText ? Buffer.from(bytes).toString() : bytes));
  }

  /** Throws where the plugin sends more than it was granted. */
  push(frame: DataFrame): void {
    if (this.#state !== "open") return;
    const { bytes, isLast, isAborted } = frame;
    if (this.#unreadBytes + this.#readBytes + bytes.length > STREAM_WINDOW_BYTES) {
      throw new ProtocolError(
        "stream_window",
        `stream ${this.#options.id} is more than ${STREAM_WINDOW_BYTES} bytes ahead of what was granted`,
      );
    }
    if (this.#unread.length >= MAX_UNREAD_FRAMES) return this.#giveUp();
    const isOnlyTheEnd = isLast && bytes.length === 0 && !frame.isText;
    if (!isOnlyTheEnd) {
      retain(bytes);
      this.#unread.push(frame); // a view of a chunk, which Bun makes anew for each read: nothing is copied
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

  #giveUp(): void {
    this.stop();
    this.#state = "broken";
  }

  /** The connection is gone. What has arrived is still read. */
  break(): void {
    if (this.#state === "open") this.#state = "broken";
    this.#wake();
  }

  /** `read` gives null for a frame in which there is nothing for the reader. */
  #readable<T>(read: (frame: DataFrame) => T | null): ReadableStream<T> {
    let sent: DataFrame[] = [];
    return new ReadableStream<T>(
      {
        pull: async (controller) => {
          for (const { bytes } of sent) release(bytes);
          // Whoever pulls is not asked again before there was something.
          for (;;) {
            const frames = await this.#take();
            sent = frames;
            const pieces = frames.map((frame) => read(frame)).filter((piece) => piece !== null);
            for (const piece of pieces) controller.enqueue(piece);
            if (pieces.length > 0) return;
            if (frames.length === 0) break;
          }
          // Without a reason: Bun prints one at the host's terminal, and cuts the client's connection either way.
          if (this.#state === "broken") controller.error();
          else if (this.#state === "complete") controller.close();
        },
        cancel: () => this.stop(),
      },
      { highWaterMark: 0 },
    );
  }

  /** All that has arrived; waits for the first. None at the end. */
  async #take(): Promise<DataFrame[]> {
    if (this.#unread.length === 0 && this.#state === "open") await this.#something();
    const frames = this.#unread;
    this.#unread = [];
    this.#readBytes += this.#unreadBytes;
    this.#unreadBytes = 0;
    if (this.#state === "open" && this.#readBytes >= GRANT_BYTES) {
      this.#options.grant(this.#readBytes);
      this.#readBytes = 0;
    }
    return frames;
  }

  /** Resolves at the next frame, or at the end. */
  #something(): Promise<void> {
    this.#arrived ??= Promise.withResolvers();
    return this.#arrived.promise;
  }

  #wake(): void {
    this.#arrived?.resolve();
    this.#arrived = null;
  }
}
