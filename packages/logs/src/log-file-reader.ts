import { setTimeout as delay } from "node:timers/promises";
import type { FollowedEntry, LogCopy, LogPage, LogQuery, LogReader } from "@toru/core";
import { copyLog } from "./copy-log.ts";
import { formatCursor, parseCursor, START_OF_LOG } from "./cursor.ts";
import { FileFollower } from "./file-follower.ts";
import { endOfLog, thisMoment, type FollowStart } from "./follow-start.ts";
import { closeKeptFiles, openKeptFiles } from "./kept-files.ts";
import { LineCounts } from "./line-counts.ts";
import { LineFilter } from "./line-filter.ts";
import type { LogFile } from "./log-file.ts";
import { readLogPage } from "./log-page.ts";

/** How often a followed file is looked at while nothing arrives. Polling sees what `fs.watch` misses: new folders. */
export const POLL_INTERVAL_MS = 200;

export interface ResumableLogReader extends LogReader {
  /**
   * Behind the last finished line as it is now. `read({cursor})` gives what is before it and `follow({after})` what is
   * behind it, so that a snapshot and what follows fit together without loss or doubling.
   */
  tailCursor(): Promise<string>;
}

/** Reads one log. Only what ends in a newline counts as a line; invalid lines are passed over. */
export class LogFileReader implements ResumableLogReader {
  readonly #log: LogFile;
  readonly #counts = new LineCounts();

  constructor(log: LogFile) {
    this.#log = log;
  }

  /**
   * `total` counts valid lines. Without `q`, lines in the host's own form are counted without parsing; see
   * `LineFilter.counts`. A cursor whose file is no longer kept is before all lines: an empty page.
   */
  read(query: LogQuery): Promise<LogPage> {
    return readLogPage(this.#log, query, this.#counts);
  }

  copy(filter: Parameters<LogReader["copy"]>[0]): Promise<LogCopy> {
    return copyLog(this.#log, filter);
  }

  async tailCursor(): Promise<string> {
    const files = await openKeptFiles(this.#log.path, this.#log.keep);
    try {
      const oldestFirst = files.toReversed();
      const { index, offset } = await endOfLog(oldestFirst);
      const file = oldestFirst[index]?.identity ?? null;
      return file === null ? START_OF_LOG : formatCursor({ file, offset });
    } finally {
      await closeKeptFiles(files);
    }
  }

  /** Throws `invalid_cursor` at once. A cursor whose file is no longer kept counts as now. */
  follow(options: Parameters<LogReader["follow"]>[0]): AsyncIterable<FollowedEntry> {
    const start: FollowStart =
      options.after === undefined ? { moment: thisMoment(this.#log) } : parseCursor(options.after);
    return followLog(new FileFollower(this.#log, new LineFilter(this.#log.plugin, options), start), options.signal);
  }
}

async function* followLog(follower: FileFollower, signal: AbortSignal): AsyncGenerator<FollowedEntry> {
  try {
    while (!signal.aborted) {
      const entries = await follower.poll();
      if (entries === null) await pause(signal);
      for (const entry of entries ?? []) {
        if (signal.aborted) return;
        yield entry;
      }
    }
  } finally {
    await follower.close();
  }
}

/** Waits for one interval, or until the signal is aborted. */
export async function pause(signal: AbortSignal): Promise<void> {
  try {
    await delay(POLL_INTERVAL_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
