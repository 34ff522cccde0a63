import { AppendFile, type AppendLimits } from "./append-file.ts";
import { encodeLine } from "./encode-line.ts";

/** Over this many queued bytes `write` asks its caller to wait: 1 MiB. */
export const MAX_QUEUED_BYTES = 1024 * 1024;
/** Over this many, lines of callers that do not wait are lost: 8 MiB. */
export const MAX_IGNORED_BYTES = 8 * 1024 * 1024;
/** How long lines gather before they are written together. */
const GATHER_MS = 10;
/** How soon the count of lost lines is tried again where no new line does it. */
const RETRY_MS = 1_000;

export interface LineWriterOptions extends AppendLimits {
  now: () => number;
  /** Named in the line that tells of lost ones. */
  plugin: string;
}

/** Gathers lines into few writes to one file. Never throws: lines that cannot be written are counted. */
export class LineWriter {
  readonly #file: AppendFile;
  readonly #options: LineWriterOptions;
  #queue: string[] = [];
  #queuedBytes = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  #writing: Promise<void> | null = null;
  #room: PromiseWithResolvers<void> | null = null;
  #lost = 0;
  /** Lost lines that the file does not tell of yet. */
  #untold = 0;
  #reason: unknown = null;
  #isClosed = false;

  constructor(path: string, options: LineWriterOptions) {
    this.#file = new AppendFile(path, options);
    this.#options = options;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Lines lost since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Queues a line with its newline. A promise asks the caller to await it before the next one. */
  write(text: string): Promise<void> | null {
    const bytes = Buffer.byteLength(text);
    if (this.#isClosed || this.#queuedBytes + bytes > MAX_IGNORED_BYTES) {
      this.#lose(1, this.#isClosed ? new Error("the log is closed") : new Error("too many lines at once"));
      return this.#room?.promise ?? null;
    }
    this.#queue.push(text);
    this.#queuedBytes += bytes;
    const isFull = this.#queuedBytes > MAX_QUEUED_BYTES;
    this.#schedule(isFull ? 0 : GATHER_MS);
    if (!isFull) return null;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Resolves when every line queued so far is in the file, or lost. */
  async flush(): Promise<void> {
    // A write under way has taken an older queue; one that begins after it takes all that is queued now.
    if (this.#writing !== null) await this.#writing;
    if (this.#writing !== null || this.#queue.length > 0) await this.#writeQueue();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
    if (this.#untold > 0) await this.#writeQueue();
    this.#cancelTimers();
    await this.#file.close();
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null || this.#writing !== null) return;
    this.#timer = setTimeout(() => void this.#writeQueue(), delayMs);
  }

  #cancelTimers(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#timer = null;
    this.#retryTimer = null;
  }

  /** One write at a time, of everything that is queued. */
  #writeQueue(): Promise<void> {
    this.#cancelTimers();
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
      this.#plan();
    });
    return this.#writing;
  }

  #plan(): void {
    if (this.#queue.length > 0) {
      this.#schedule(this.#queuedBytes > MAX_QUEUED_BYTES ? 0 : GATHER_MS);
    } else if (this.#untold > 0 && !this.#isClosed) {
      this.#retryTimer = setTimeout(() => void this.#writeQueue(), RETRY_MS).unref();
    }
  }

  async #write(): Promise<void> {
    const queue = this.#queue;
    const bytes = this.#queuedBytes;
    this.#queue = [];
    const told = this.#untold;
    const notices = told > 0 ? [this.#notice(told)] : [];
    const { written, error } = await this.#file.append([...notices, ...queue]);
    if (written > 0) this.#untold -= told;
    const lost = queue.length - Math.max(0, written - notices.length);
    if (lost > 0) this.#lose(lost, error);
    else if (error !== null) this.#reason = error;
    this.#queuedBytes -= bytes;
    this.#room?.resolve();
    this.#room = null;
  }

  #lose(lines: number, reason: unknown): void {
    this.#lost += lines;
    this.#untold += lines;
    this.#reason = reason;
  }

  #notice(lines: number): string {
    const { now, plugin } = this.#options;
    const reason = this.#reason instanceof Error ? this.#reason.message : String(this.#reason);
    return encodeLine(new Date(now()).toISOString(), plugin, {
      level: "warn",
      message: `${lines} log ${lines === 1 ? "line was" : "lines were"} lost: ${reason}`,
      fields: { lost_lines: lines },
    });
  }
}
