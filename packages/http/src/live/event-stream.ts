/** Text that may wait for one reader before its source is held up, in UTF-16 units. */
const COMFORTABLE_CHARACTERS = 64 * 1024;
/** Most text that waits for one reader. A single larger event still passes where nothing waits. */
const MAX_QUEUED_CHARACTERS = 1024 * 1024;

const encoder = new TextEncoder();

/** One event in the form of `text/event-stream`. `data` has no line break, as JSON has none. */
export function formatEvent(event: { name?: string; id?: string; data: string }): string {
  const name = event.name === undefined ? "" : `event: ${event.name}\n`;
  const id = event.id === undefined ? "" : `id: ${event.id}\n`;
  return `${name}${id}data: ${event.data}\n\n`;
}

/**
 * The body of a live answer: what is sent waits in a bounded queue until the connection asks for it. It ends once: by
 * `end`, by the reader going away or by the queue running over.
 */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #onEnd: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #queue: string[] = [];
  #queuedCharacters = 0;
  /** By `performance.now()`; null while nothing waits. */
  #waitsSince: number | null = null;
  #wakeReader: (() => void) | null = null;
  #wakeSource: (() => void) | null = null;
  #ended = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        this.#controller = controller;
      },
      pull: (controller) => this.#pull(controller),
      cancel: () => void this.#finish(),
    };
    this.body = new ReadableStream<Uint8Array>(source, { highWaterMark: 0 });
  }

  /** How long the oldest text waits for the reader, in milliseconds. */
  get unreadMs(): number {
    return this.#waitsSince === null ? 0 : performance.now() - this.#waitsSince;
  }

  /** Queues text. A reader that left too much unread is not waited for any longer. Without effect once the stream has ended. */
  send(text: string): void {
    if (this.#ended) return;
    if (this.#queue.length > 0 && this.#queuedCharacters + text.length > MAX_QUEUED_CHARACTERS) {
      this.end();
      return;
    }
    this.#waitsSince ??= performance.now();
    this.#queue.push(text);
    this.#queuedCharacters += text.length;
    this.#wakeReader?.();
  }

  /** Whether the reader keeps up. */
  get hasRoom(): boolean {
    return this.#queuedCharacters < COMFORTABLE_CHARACTERS;
  }

  /** Resolves when there is room for more, or the stream has ended. Null where there is room now. */
  room(): Promise<void> | null {
    if (this.#ended || this.hasRoom) return null;
    return new Promise((resolve) => {
      this.#wakeSource = resolve;
    });
  }

  /** The reader sees the end; what still waits for it is dropped. */
  end(): void {
    if (this.#finish()) this.#controller?.close();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#queue.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    if (this.#ended) return;
    const text = this.#queue.join("");
    this.#clear();
    controller.enqueue(encoder.encode(text));
    this.#wakeSource?.();
  }

  #clear(): void {
    this.#queue = [];
    this.#queuedCharacters = 0;
    this.#waitsSince = null;
  }

  /** False where it has ended before. */
  #finish(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#clear();
    this.#wakeReader?.();
    this.#wakeSource?.();
    this.#onEnd();
    return true;
  }
}
