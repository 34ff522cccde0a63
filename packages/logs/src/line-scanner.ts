import type { FileHandle } from "node:fs/promises";
import { CHUNK_BYTES } from "./backward-lines.ts";
import { readAt } from "./kept-files.ts";

const NEWLINE = 0x0a;

/** The finished lines of one chunk of a file. Valid until the next is asked for. */
export interface ScannedLines {
  bytes: Buffer;
  /** Offset in the file of the first of the bytes. */
  offset: number;
  /** Where in the bytes each line ends, in order: the place of its newline. The first line starts at 0. */
  ends: number[];
}

/** Reads a file's lines in order from an offset that must be 0 or behind a newline. */
export class LineScanner {
  #offset: number;
  #isInsideLongLine = false;
  #buffer = Buffer.alloc(0);

  constructor(offset: number) {
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  /**
   * The finished lines of the next chunk before `limit`; none where it holds only a part of a line too long to read, or
   * where `isOfUse` says no of the chunk. Null where no further line is finished there.
   */
  async next(handle: FileHandle, limit: number, isOfUse?: (chunk: Buffer) => boolean): Promise<ScannedLines | null> {
    const wanted = Math.min(CHUNK_BYTES, limit - this.#offset);
    if (wanted <= 0) return null;
    if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafeSlow(wanted);
    const offset = this.#offset;
    const length = await readAt(handle, this.#buffer, offset, wanted);
    const bytes = this.#buffer.subarray(0, length);
    if (this.#isInsideLongLine) return this.#leaveLongLine(bytes);
    const last = bytes.lastIndexOf(NEWLINE);
    if (last !== -1) {
      this.#offset += last + 1;
      return { bytes, offset, ends: isOfUse?.(bytes) === false ? [] : newlinesIn(bytes) };
    }
    if (length < CHUNK_BYTES) return null;
    this.#isInsideLongLine = true;
    this.#offset += length;
    return { bytes, offset, ends: [] };
  }

  #leaveLongLine(bytes: Buffer): ScannedLines | null {
    if (bytes.length === 0) return null;
    const offset = this.#offset;
    const newline = bytes.indexOf(NEWLINE);
    this.#isInsideLongLine = newline === -1;
    this.#offset += newline === -1 ? bytes.length : newline + 1;
    return { bytes, offset, ends: [] };
  }
}

/** Each line without its newline, and the offset in the file behind that. */
export function linesIn({ bytes, offset, ends }: ScannedLines): { line: Buffer; behind: number }[] {
  return ends.map((end, index) => {
    const start = index === 0 ? 0 : (ends[index - 1] ?? 0) + 1;
    return { line: bytes.subarray(start, end), behind: offset + end + 1 };
  });
}

function newlinesIn(bytes: Buffer): number[] {
  const newlines: number[] = [];
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) newlines.push(at);
  return newlines;
}
