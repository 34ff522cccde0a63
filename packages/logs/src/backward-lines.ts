import type { FileHandle } from "node:fs/promises";
import { readAt } from "./kept-files.ts";

/** How much of a file is in memory at once, in bytes: 256 KiB. Longer lines are passed over. */
export const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export interface StoredLine {
  /** Without the newline. Valid until the next line or batch is asked for. */
  bytes: Buffer;
  /** Offset of the first byte. */
  start: number;
}

/**
 * The lines before `end`, which must be 0 or behind a newline, newest first, a chunk at a time; without those of chunks of
 * which `isOfUse` says no.
 */
export async function* linesBackward(
  handle: FileHandle,
  end: number,
  isOfUse: (chunk: Buffer) => boolean,
): AsyncGenerator<StoredLine[]> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end));
  let isInsideLongLine = false;
  let before = end;
  while (before > 0) {
    const start = Math.max(0, before - CHUNK_BYTES);
    const length = await readAt(handle, buffer, start, before - start);
    // Somebody cut the file short: what it held is gone.
    if (length < before - start) return;
    const chunk = buffer.subarray(0, length);
    if (isInsideLongLine) {
      const newline = chunk.lastIndexOf(NEWLINE);
      isInsideLongLine = newline === -1;
      before = start + newline + 1;
      continue;
    }
    const { lines, rest } = isOfUse(chunk) ? splitBackward(chunk, start) : passOver(chunk, start);
    isInsideLongLine = rest === length;
    before = isInsideLongLine ? start : start + rest;
    if (lines.length > 0) yield lines;
  }
}

/** `rest` is how many bytes at the start belong to a line that begins before the chunk. */
function splitBackward(chunk: Buffer, offset: number): { lines: StoredLine[]; rest: number } {
  const lines: StoredLine[] = [];
  let end = chunk.length - 1;
  while (end >= 0) {
    const newline = end === 0 ? -1 : chunk.lastIndexOf(NEWLINE, end - 1);
    if (newline === -1 && offset > 0) break;
    lines.push({ bytes: chunk.subarray(newline + 1, end), start: offset + newline + 1 });
    end = newline;
  }
  return { lines, rest: end + 1 };
}

/** As `splitBackward` without the lines. The newline at the very end belongs to a line that begins before it. */
function passOver(chunk: Buffer, offset: number): { lines: StoredLine[]; rest: number } {
  if (offset === 0) return { lines: [], rest: 0 };
  const newline = chunk.subarray(0, -1).indexOf(NEWLINE);
  return { lines: [], rest: newline === -1 ? chunk.length : newline + 1 };
}

/** The offset behind the last newline before `size`; 0 where there is none. */
export async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  let before = size;
  // Almost always the very last byte is a newline.
  let step = 1;
  while (before > 0) {
    const start = Math.max(0, before - step);
    const buffer = Buffer.allocUnsafe(before - start);
    const length = await readAt(handle, buffer, start, before - start);
    const newline = buffer.subarray(0, length).lastIndexOf(NEWLINE);
    if (newline !== -1) return start + newline + 1;
    before = start;
    step = CHUNK_BYTES;
  }
  return 0;
}
