import type {
  FollowedEntry,
  LogCopy,
  LogEntry,
  LogPage,
  LogQuery,
  LogReader,
  LogStore,
  LogWriter,
  NewLogEntry,
} from "@toru/core";

class MemoryWriter implements LogWriter {
  readonly path = "/memory";
  readonly entries: NewLogEntry[] = [];

  write(entry: NewLogEntry): null {
    this.entries.push(entry);
    return null;
  }

  async flush(): Promise<void> {}
}

/** A log of one plugin that tests append to. Cursors are the number of lines before them. */
export class MemoryLog implements LogReader {
  readonly entries: LogEntry[] = [];
  readonly queries: LogQuery[] = [];
  /** Readers that follow at this moment. */
  following = 0;
  /** Copies that have not been disposed. */
  copying = 0;
  /** Lines that were given to readers who follow. */
  given = 0;
  #wake = Promise.withResolvers<void>();

  append(message: string): void {
    this.entries.push({ timestamp: "2026-01-01T00:00:00.000Z", level: "info", plugin: "acme", message });
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async read(query: LogQuery): Promise<LogPage> {
    this.queries.push(query);
    if (query.cursor === "bad") throw invalidCursor();
    return { logs: this.entries.slice(-query.pageSize), total: this.entries.length, cursor: null };
  }

  async copy(): Promise<LogCopy> {
    this.copying += 1;
    const lines = this.entries.values().map((entry) => Buffer.from(`${JSON.stringify(entry)}\n`));
    return {
      next: async () => lines.next().value ?? null,
      [Symbol.asyncDispose]: async () => void (this.copying -= 1),
    };
  }

  async tailCursor(): Promise<string> {
    return String(this.entries.length);
  }

  follow({ after, signal }: { after?: string; signal: AbortSignal }): AsyncIterable<FollowedEntry> {
    if (after === "bad") throw invalidCursor();
    return this.#follow(after === undefined ? this.entries.length : Number(after), signal);
  }

  async *#follow(from: number, signal: AbortSignal): AsyncGenerator<FollowedEntry> {
    this.following += 1;
    try {
      for (let next = from; !signal.aborted; next += 1) {
        for (let entry = this.entries[next]; entry === undefined; entry = this.entries[next]) {
          const aborted = Promise.withResolvers<void>();
          signal.addEventListener("abort", () => aborted.resolve(), { once: true });
          await Promise.race([this.#wake.promise, aborted.promise]);
          if (signal.aborted) return;
        }
        this.given += 1;
        yield { entry: this.entries[next] as LogEntry, cursor: String(next + 1) };
      }
    } finally {
      this.following -= 1;
    }
  }
}

export class MemoryLogs implements LogStore {
  readonly directory = "/memory";
  readonly host = new MemoryWriter();
  readonly log = new MemoryLog();
  lost = 0;

  plugin(): LogWriter {
    return new MemoryWriter();
  }

  pluginReader(): LogReader {
    return this.log;
  }

  supervisor(): LogWriter {
    return new MemoryWriter();
  }

  async close(): Promise<void> {}
}

function invalidCursor(): Error {
  return Object.assign(new Error("bad cursor"), { code: "invalid_cursor" });
}
