export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of a log file. */
export interface LogEntry {
  /** RFC 3339, UTC, milliseconds. */
  timestamp: string;
  level: LogLevel;
  plugin: string;
  message: string;
  error?: string;
  fields?: Record<string, unknown>;
}

/** What a writer is given; it adds time and plugin. */
export type NewLogEntry = Omit<LogEntry, "timestamp" | "plugin">;

/** Appends to one log file. Never throws: what cannot be written is counted and said once writing works again. */
export interface LogWriter {
  /** Absolute. */
  readonly path: string;
  /**
   * Queues one line. Returns null where the queue has room, else a promise to await before the next call, so that a
   * flood slows down its own source.
   */
  write(entry: NewLogEntry): Promise<void> | null;
  /** Everything queued so far is in the file, or counted as lost. */
  flush(): Promise<void>;
}

export interface LogQuery {
  /** From 1, the newest. Ignored where `cursor` is given. */
  page: number;
  pageSize: number;
  /** The least level. */
  level?: LogLevel;
  /** Case-insensitive text in message, error or fields. */
  q?: string;
  /** From an earlier page: the page before it, which does not shift while lines arrive. */
  cursor?: string;
}

export interface LogPage {
  /** Oldest first. */
  logs: LogEntry[];
  /** Lines that match, in all files that are kept. */
  total: number;
  /** For the page of older lines; null where there are none. */
  cursor: string | null;
}

/** A line as it arrives. Resuming behind `cursor` loses and doubles nothing while the line's file is kept. */
export interface FollowedEntry {
  entry: LogEntry;
  cursor: string;
}

/** A whole log as it was when it was opened, oldest line first. Holds its files open until it is disposed. */
export interface LogCopy extends AsyncDisposable {
  /** The next bytes, a bounded number of them; null at the end. One call at a time. */
  next(): Promise<Uint8Array | null>;
}

export interface LogReader {
  /** Rejects with a LogError, `invalid_cursor`, where the cursor is none of ours. */
  read(query: LogQuery): Promise<LogPage>;
  /**
   * Without a filter the bytes of all files that are kept, as they are on disk; with one, the lines that `read` finds, as
   * they are on disk. What is written or rotated later changes nothing.
   */
  copy(filter: { level?: LogLevel; q?: string }): Promise<LogCopy>;
  /** The end of the log now: `read({cursor})` pages back from there, `follow({after})` goes on from there. */
  tailCursor(): Promise<string>;
  /** New lines from now on, or behind `after`. Throws a LogError at once for a wrong cursor. Ends when the signal is aborted. */
  follow(options: { after?: string; level?: LogLevel; q?: string; signal: AbortSignal }): AsyncIterable<FollowedEntry>;
}

/** The log folder. Writers are opened once for each name and shared. */
export interface LogStore {
  readonly directory: string;
  plugin(id: string): LogWriter;
  pluginReader(id: string): LogReader;
  /** `plugin-supervisor.log`: spawn, kill, restart and every change of state. `plugin` names the plugin concerned. */
  supervisor(plugin: string): LogWriter;
  /** `host.log`: what concerns no plugin, with request ids. */
  readonly host: LogWriter;
  /** Lines lost since the start, all files together. */
  readonly lost: number;
  close(): Promise<void>;
}
