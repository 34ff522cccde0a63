import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { LogEntry } from "@toru/core";
import { START_OF_LOG } from "./cursor.ts";
import { FileFollower } from "./file-follower.ts";
import { thisMoment, type FollowStart } from "./follow-start.ts";
import { LineFilter } from "./line-filter.ts";
import { pause } from "./log-file-reader.ts";
import { DEFAULT_KEEP, HOST_NAME, logPaths } from "./log-paths.ts";
import { isAbsent } from "./system-error.ts";

export interface WatchedEntry {
  file: "supervisor" | "plugin" | "host";
  entry: LogEntry;
}

export interface WatchOptions {
  /** Hands out what is kept of the supervisor log first. Default: only what is new. */
  fromStart?: boolean;
  /** Most rotated files of one log that the host keeps. */
  keep?: number;
}

/**
 * Follows all logs of a log folder from outside, whether the host runs or not, and whether the folder is there yet or not.
 * Logs that appear later are followed from their start. Each log keeps its own order. Ends when the signal is aborted.
 */
export function watchDirectory(
  directory: string,
  signal: AbortSignal,
  options: WatchOptions = {},
): AsyncIterable<WatchedEntry> {
  const watch = new DirectoryWatch(resolve(directory), options);
  return watchAll(watch, signal);
}

interface WatchedLog {
  file: WatchedEntry["file"];
  follower: FileFollower;
}

class DirectoryWatch {
  readonly #directory: string;
  readonly #keep: number;
  readonly #logs = new Map<string, WatchedLog>();

  constructor(directory: string, { fromStart = false, keep = DEFAULT_KEEP }: WatchOptions) {
    this.#directory = directory;
    this.#keep = keep;
    const paths = logPaths(directory);
    const now = (path: string): FollowStart => ({ moment: thisMoment({ path, keep }) });
    this.#add("supervisor", paths.supervisor, fromStart ? START_OF_LOG : now(paths.supervisor));
    this.#add("host", paths.host, now(paths.host));
    this.discover(now);
  }

  /** Supervisor first. */
  get logs(): Iterable<WatchedLog> {
    return this.#logs.values();
  }

  /** Takes up plugin logs that are new. */
  discover(startOf: (path: string) => FollowStart): void {
    const folder = logPaths(this.#directory).plugins;
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      if (name.endsWith(".log") && !this.#logs.has(path)) this.#add("plugin", path, startOf(path));
    }
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#logs.values(), ({ follower }) => follower.close()));
  }

  #add(file: WatchedEntry["file"], path: string, start: FollowStart): void {
    const plugin = file === "plugin" ? basename(path, ".log") : HOST_NAME;
    const log = { path, keep: this.#keep, plugin };
    this.#logs.set(path, { file, follower: new FileFollower(log, new LineFilter(plugin, {}), start) });
  }
}

async function* watchAll(watch: DirectoryWatch, signal: AbortSignal): AsyncGenerator<WatchedEntry> {
  try {
    const [supervisor] = watch.logs;
    if (supervisor !== undefined) yield* drain(supervisor, signal);
    while (!signal.aborted) {
      let isIdle = true;
      for (const { file, follower } of watch.logs) {
        const entries = await follower.poll();
        if (entries !== null) isIdle = false;
        for (const { entry } of entries ?? []) {
          if (signal.aborted) return;
          yield { file, entry };
        }
      }
      if (isIdle) await pause(signal);
      watch.discover(() => START_OF_LOG);
    }
  } finally {
    await watch.close();
  }
}

async function* drain({ file, follower }: WatchedLog, signal: AbortSignal): AsyncGenerator<WatchedEntry> {
  while (!signal.aborted) {
    const entries = await follower.poll();
    if (entries === null) return;
    for (const { entry } of entries) {
      if (signal.aborted) return;
      yield { file, entry };
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
