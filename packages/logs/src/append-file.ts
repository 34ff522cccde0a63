import { constants } from "node:fs";
import { mkdir, open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { readAt } from "./kept-files.ts";
import { rotate } from "./rotate.ts";
import { isAbsent } from "./system-error.ts";

export const FILE_MODE = 0o640;
export const DIRECTORY_MODE = 0o750;
/** How often the name of an open file is checked to be still its own. One that was deleted is noticed at once. */
const CHECK_INTERVAL_MS = 1_000;
/** Largest single write, in bytes: 256 KiB. */
const MAX_WRITE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
// Without O_NONBLOCK a FIFO in the place of a log would hold up the writer for ever.
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

export interface AppendLimits {
  /** A file is rotated before a write would make it larger, in bytes. */
  maxFileBytes: number;
  keep: number;
}

/** How many lines were written; the error, where it was not all. */
export interface AppendResult {
  written: number;
  error: unknown;
}

interface OpenFile {
  handle: FileHandle;
  inode: bigint;
  /** Where the file ends as far as only we have written; null: not known to end in a newline. */
  expectedSize: number | null;
  checkedAt: number;
}

/** Appends lines to a file that others may append to, rename or delete. Rotates by the real size. */
export class AppendFile {
  readonly path: string;
  readonly #limits: AppendLimits;
  #file: OpenFile | null = null;

  constructor(path: string, limits: AppendLimits) {
    this.path = path;
    this.#limits = limits;
  }

  /** Each line ends in its newline. Not to be called again before it has answered. */
  async append(lines: readonly string[]): Promise<AppendResult> {
    let written = 0;
    try {
      while (written < lines.length) {
        const file = await this.#current();
        const { size } = await file.handle.stat();
        const room = this.#limits.maxFileBytes - size;
        const group = takeFitting(lines, written, Math.min(room, MAX_WRITE_BYTES), size === 0);
        if (group.length === 0) {
          await this.#rotate(file);
          continue;
        }
        const result = await this.#write(file, size, group);
        written += result.written;
        if (result.error !== null) throw result.error;
      }
      return { written, error: null };
    } catch (error) {
      // Nothing is taken for granted after an error: the next call opens the file anew.
      await this.close();
      return { written, error };
    }
  }

  /** Never throws. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    try {
      await file?.handle.close();
    } catch {
      // What was written is answered for already, and the descriptor is gone either way.
    }
  }

  /** The open file that has our name, opened anew where it was deleted or renamed by somebody. */
  async #current(): Promise<OpenFile> {
    const file = this.#file;
    if (file !== null) {
      if (await this.#isStillOurs(file)) return file;
      await this.close();
    }
    const handle = await this.#open();
    const { ino } = await handle.stat({ bigint: true });
    this.#file = { handle, inode: ino, expectedSize: null, checkedAt: performance.now() };
    return this.#file;
  }

  async #isStillOurs(file: OpenFile): Promise<boolean> {
    if ((await file.handle.stat()).nlink === 0) return false;
    if (performance.now() - file.checkedAt < CHECK_INTERVAL_MS) return true;
    file.checkedAt = performance.now();
    return this.#hasOurName(file);
  }

  async #hasOurName(file: OpenFile): Promise<boolean> {
    try {
      return (await stat(this.path, { bigint: true })).ino === file.inode;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  async #open(): Promise<FileHandle> {
    try {
      return await open(this.path, FLAGS, FILE_MODE);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      await mkdir(dirname(this.path), { recursive: true, mode: DIRECTORY_MODE });
      return open(this.path, FLAGS, FILE_MODE);
    }
  }

  async #rotate(file: OpenFile): Promise<void> {
    // What somebody else put in our place is not ours to rename.
    if (await this.#hasOurName(file)) await rotate(this.path, this.#limits.keep);
    await this.close();
  }

  async #write(file: OpenFile, size: number, lines: string[]): Promise<AppendResult> {
    const isTorn = size > 0 && size !== file.expectedSize && !(await endsInNewline(file.handle, size));
    const text = lines.join("");
    const buffer = Buffer.from(isTorn ? `\n${text}` : text);
    const { done, error } = await writeAll(file.handle, buffer);
    file.expectedSize = size + buffer.length;
    if (error === null) return { written: lines.length, error: null };
    const whole = buffer.subarray(0, done).lastIndexOf(NEWLINE) + 1;
    await removeTail(file.handle, size + whole, size + done);
    const written = countNewlines(buffer.subarray(0, whole)) - (isTorn && whole > 0 ? 1 : 0);
    return { written, error };
  }
}

function takeFitting(lines: readonly string[], from: number, maxBytes: number, takesOne: boolean): string[] {
  let bytes = 0;
  let to = from;
  for (; to < lines.length; to += 1) {
    bytes += Buffer.byteLength(lines[to] ?? "");
    if (bytes > maxBytes) break;
  }
  return lines.slice(from, takesOne ? Math.max(to, from + 1) : to);
}

async function writeAll(handle: FileHandle, buffer: Buffer): Promise<{ done: number; error: unknown }> {
  let done = 0;
  try {
    while (done < buffer.length) done += (await handle.write(buffer, done, buffer.length - done)).bytesWritten;
    return { done, error: null };
  } catch (error) {
    return { done, error };
  }
}

/** Takes back the torn line of a write that failed half way, unless somebody has appended behind it. */
async function removeTail(handle: FileHandle, from: number, to: number): Promise<void> {
  if (from === to || (await handle.stat()).size !== to) return;
  await handle.truncate(from);
}

async function endsInNewline(handle: FileHandle, size: number): Promise<boolean> {
  const last = Buffer.alloc(1);
  return (await readAt(handle, last, size - 1, 1)) === 1 && last[0] === NEWLINE;
}

function countNewlines(buffer: Buffer): number {
  let count = 0;
  for (let at = buffer.indexOf(NEWLINE); at !== -1; at = buffer.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
