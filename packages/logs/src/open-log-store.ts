import { mkdir, open, unlink } from "node:fs/promises";
import { resolve } from "node:path";
import { DIRECTORY_MODE, FILE_MODE } from "./append-file.ts";
import { LogError } from "@toru/core";
import { DEFAULT_KEEP, logPaths } from "./log-paths.ts";
import { FileLogStore } from "./log-store.ts";
import { systemErrorCode } from "./system-error.ts";

/** Size at which a log is rotated, in bytes: 10 MiB. */
export const DEFAULT_MAX_FILE_BYTES = 10 * 1024 * 1024;

export interface LogStoreOptions {
  directory: string;
  /** A file is rotated before a write would make it larger, in bytes. */
  maxFileBytes?: number;
  /** Rotated files kept of each log, next to the current one. */
  keep?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/**
 * Makes the log folder where it is not there, and shows that it can be written; else throws `directory_not_writable`. A
 * full disk is no reason to: it costs lines, not the start.
 */
export async function openLogStore(options: LogStoreOptions): Promise<FileLogStore> {
  const { maxFileBytes = DEFAULT_MAX_FILE_BYTES, keep = DEFAULT_KEEP, now = Date.now } = options;
  const directory = resolve(options.directory);
  const paths = logPaths(directory);
  try {
    await mkdir(paths.plugins, { recursive: true, mode: DIRECTORY_MODE });
    await touch(paths.host);
    await touch(paths.supervisor);
    await probe(paths.plugins);
  } catch (error) {
    if (!isFull(error)) throw notWritable(directory, error);
  }
  return new FileLogStore({ directory, maxFileBytes, keep, now });
}

async function touch(path: string): Promise<void> {
  const handle = await open(path, "a", FILE_MODE);
  await handle.close();
}

/** Making and removing a file is the one sure test: modes say nothing of read-only mounts. */
async function probe(directory: string): Promise<void> {
  const path = `${directory}/.probe-${process.pid}`;
  await touch(path);
  await unlink(path);
}

function isFull(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

function notWritable(directory: string, cause: unknown): LogError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LogError(
    "directory_not_writable",
    `cannot write logs to ${directory} (${reason}); give the user of this process write access to it, ` +
      "or choose another folder with TORU_LOG_DIR",
    { cause },
  );
}
