import type { LogEntry, LogPage } from "@toru/http-api";
import { request } from "#shared/api/request.ts";
import { LogBuffer, PAGE_LINES } from "./log-buffer.ts";
import { type LogFilter, logPath } from "./log-filter.ts";
import { LogStream, type StreamStatus } from "./log-stream.ts";

/** Whether there are lines older than the loaded ones: `full` where no more are kept in the browser. */
export type OlderState = "none" | "idle" | "loading" | "failed" | "full";

export interface LoadedLogs {
  state: "loaded";
  /** Oldest first. */
  lines: readonly LogEntry[];
  /** The key of the first line; the next has the next number. */
  firstKey: number;
  /** Lines that match, loaded or not. */
  total: number;
  /** Live lines so far. */
  appended: number;
  /** Lines that went to make room for newer ones. */
  dropped: number;
  older: OlderState;
  stream: StreamStatus;
}

export type LogFeedState = { state: "loading" } | { state: "failed"; error: unknown } | LoadedLogs;

/** The log of one plugin through one filter: the newest page, older ones on demand, and what is written from then on. */
export class LogFeed {
  readonly #id: string;
  readonly #filter: LogFilter;
  readonly #listeners = new Set<() => void>();
  #buffer: LogBuffer | null = null;
  #stream: LogStream | null = null;
  #aborter = new AbortController();
  #total = 0;
  #older: "idle" | "loading" | "failed" = "idle";
  #wantsAll = false;
  #streamStatus: StreamStatus = "connecting";
  #state: LogFeedState = { state: "loading" };

  constructor(id: string, filter: LogFilter) {
    this.#id = id;
    this.#filter = filter;
  }

  readonly state = (): LogFeedState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Loads and follows until the returned function is called. */
  readonly open = (): (() => void) => {
    this.#aborter = new AbortController();
    if (this.#buffer === null) void this.#loadNewest();
    else this.#follow(this.#buffer);
    return () => {
      this.#aborter.abort();
      this.#stream?.close();
      this.#stream = null;
    };
  };

  readonly retry = (): void => {
    this.#set({ state: "loading" });
    void this.#loadNewest();
  };

  /** The connection is opened anew: the one that is there may be dead. */
  readonly reconnect = (): void => this.#stream?.reconnect();

  /** One more page, or all that the browser keeps. While one is on its way, only a wish for all changes anything. */
  readonly loadOlder = async ({ all = false } = {}): Promise<void> => {
    this.#wantsAll ||= all;
    if (this.#older === "loading") return;
    await this.#loadOlderPages();
    this.#wantsAll = false;
  };

  async #loadOlderPages(): Promise<void> {
    const { signal } = this.#aborter;
    for (let isWanted = true; isWanted; isWanted = this.#wantsAll && this.#older === "idle" && !signal.aborted) {
      const cursor = this.#buffer?.olderCursor ?? null;
      if (this.#buffer === null || cursor === null || this.#buffer.isFull) return;
      this.#older = "loading";
      this.#publish();
      try {
        this.#buffer.prepend(await this.#page({ cursor }, signal), cursor);
        this.#older = "idle";
      } catch (error) {
        console.debug("Older lines did not load:", error);
        this.#older = signal.aborted ? "idle" : "failed";
      }
      this.#publish();
    }
  }

  async #loadNewest(): Promise<void> {
    const { signal } = this.#aborter;
    try {
      const page = await this.#page({}, signal);
      if (signal.aborted) return;
      if (page.tail === null) throw new Error("the newest page has no tail");
      this.#total = page.total;
      this.#buffer = new LogBuffer(page, page.tail);
      this.#follow(this.#buffer);
      this.#publish();
    } catch (error) {
      if (!signal.aborted) this.#set({ state: "failed", error });
    }
  }

  #follow(buffer: LogBuffer): void {
    this.#stream = new LogStream({
      urlOf: (after) => logPath(this.#id, "/stream", this.#filter, { after }),
      after: buffer.tail,
      onLines: (lines) => {
        buffer.append(lines);
        this.#publish();
      },
      onStatus: (status) => {
        this.#streamStatus = status;
        this.#publish();
      },
    });
  }

  #page(place: Record<string, string>, signal: AbortSignal): Promise<LogPage> {
    return request(logPath(this.#id, "", this.#filter, { page_size: String(PAGE_LINES), ...place }), { signal });
  }

  #publish(): void {
    const buffer = this.#buffer;
    if (buffer === null) return;
    const { lines, firstKey, appended, dropped } = buffer;
    const older = buffer.olderCursor === null ? "none" : buffer.isFull ? "full" : this.#older;
    const total = this.#total + appended;
    this.#set({ state: "loaded", lines, firstKey, appended, dropped, total, older, stream: this.#streamStatus });
  }

  #set(state: LogFeedState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
