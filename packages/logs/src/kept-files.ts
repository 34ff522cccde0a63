import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { LogError } from "@toru/core";
import { isAbsent } from "./system-error.ts";

/** How much of a file's first line tells it from another file that was given the same inode later, in bytes. */
const FINGERPRINT_BYTES = 256;
const NEWLINE = 0x0a;
const RADIX = 36;

/** One open log file, current or rotated, as it was when it was opened. Close it. */
export interface KeptFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
  /** Bytes. The file may grow meanwhile. */
  readonly size: number;
  /** Survives renaming. Null while the file has no line that could tell it from another. */
  readonly identity: string | null;
}

/** `<path>` rotated `age` times; 0 is the current file. */
export function rotatedPath(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`;
}

/**
 * Opens a log's files, newest first. That is also the order of search: rotation makes files older, so one that is
 * renamed meanwhile is met twice, and dropped the second time, but never missed.
 */
export async function openKeptFiles(path: string, keep: number): Promise<KeptFile[]> {
  const files: KeptFile[] = [];
  try {
    for (let age = 0; age <= keep + 1; age += 1) {
      const file = await openKeptFile(rotatedPath(path, age));
      if (file === null) continue;
      if (files.some(({ inode }) => inode === file.inode)) await file.handle.close();
      else files.push(file);
    }
    return files;
  } catch (error) {
    await closeKeptFiles(files);
    throw new LogError("not_readable", `cannot read the log ${path}; check the owner and mode of the file`, {
      cause: error,
    });
  }
}

export async function closeKeptFiles(files: Iterable<KeptFile>): Promise<void> {
  await Promise.all(Array.from(files, ({ handle }) => handle.close()));
}

async function openKeptFile(path: string): Promise<KeptFile | null> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK a FIFO in the place of a log would hold up the reader for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) {
      await handle.close();
      return null;
    }
    const size = Number(stats.size);
    const check = await fingerprint(handle);
    const identity = check === null ? null : `${stats.ino.toString(RADIX)}.${check}`;
    return { handle, inode: stats.ino, size, identity };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function fingerprint(handle: FileHandle): Promise<string | null> {
  const start = Buffer.alloc(FINGERPRINT_BYTES);
  const length = await readAt(handle, start, 0, FINGERPRINT_BYTES);
  const newline = start.subarray(0, length).indexOf(NEWLINE);
  if (newline === -1 && length < FINGERPRINT_BYTES) return null;
  return Bun.hash.crc32(start.subarray(0, newline === -1 ? length : newline)).toString(RADIX);
}

/** Fills `buffer` from its start with up to `length` bytes at `position`; fewer only at the end of the file. */
export async function readAt(handle: FileHandle, buffer: Buffer, position: number, length: number): Promise<number> {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}
