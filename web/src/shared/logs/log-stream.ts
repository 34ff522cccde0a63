import type { LogEntry } from "@toru/http-api";
import type { LiveLine } from "./log-buffer.ts";

/** Waits before a connection that was lost is opened again, in milliseconds; the first is short, for mere hiccups. */
const RETRY_MS = [250, 1_000, 2_000, 4_000, 8_000] as const;
/** Lines that may wait for the next frame; more are handed over at once. */
const MAX_WAITING = 5_000;

export type StreamStatus = "connecting" | "live" | "reconnecting";

interface LogStreamOptions {
  /** Where the lines behind a cursor come from. */
  urlOf: (after: string) => string;
  after: string;
  /** In order, none twice; at most once a frame. */
  onLines: (lines: LiveLine[]) => void;
  onStatus: (status: StreamStatus) => void;
}

/**
 * The lines behind a cursor as they are written. Whenever the connection is lost it goes on behind the last line. A page
 * that is not shown has no connection: browsers allow six to a host, and many tabs may be open.
 */
export class LogStream {
  readonly #options: LogStreamOptions;
  #cursor: string;
  #source: EventSource | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #attempt = 0;
  #waiting: LiveLine[] = [];
  #frame: number | null = null;
  readonly #closed = new AbortController();

  constructor(options: LogStreamOptions) {
    this.#options = options;
    this.#cursor = options.after;
    const { signal } = this.#closed;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#disconnect() : this.reconnect()), {
      signal,
    });
    this.reconnect();
  }

  /** Opens a new connection in place of the present one, which may be dead without anybody having noticed. */
  reconnect(): void {
    this.#disconnect();
    if (document.hidden || this.#closed.signal.aborted) return;
    const source = new EventSource(this.#options.urlOf(this.#cursor));
    this.#source = source;
    source.addEventListener("open", () => this.#options.onStatus("live"));
    source.addEventListener("message", ({ data, lastEventId }: MessageEvent<string>) => {
      if (this.#source === source) this.#receive({ entry: JSON.parse(data) as LogEntry, cursor: lastEventId });
    });
    source.addEventListener("error", () => this.#source === source && this.#lost());
  }

  close(): void {
    this.#closed.abort();
    this.#disconnect();
  }

  #receive(line: LiveLine): void {
    this.#attempt = 0;
    this.#cursor = line.cursor;
    this.#waiting.push(line);
    if (this.#waiting.length >= MAX_WAITING) this.#flush();
    else this.#frame ??= requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    const lines = this.#waiting;
    this.#waiting = [];
    if (lines.length > 0) this.#options.onLines(lines);
  }

  /** The browser would wait longer, and give up where the host is busy. */
  #lost(): void {
    this.#disconnect();
    this.#options.onStatus("reconnecting");
    const wait = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)] ?? RETRY_MS[0];
    this.#attempt += 1;
    this.#retry = setTimeout(() => this.reconnect(), wait);
  }

  #disconnect(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#source?.close();
    this.#source = null;
    this.#flush();
  }
}
