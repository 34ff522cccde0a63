import type { FileHandle } from "node:fs/promises";
import { CHUNK_BYTES } from "./backward-lines.ts";
import { readAt } from "./kept-files.ts";

const NEWLINE = 0x0a;

export interface ScannedLine {
  /** Without the newline. */
  bytes: Buffer;
  /** Offset behind the newline. */
  end: number;
}

/** Reads a file's lines in order from an offset that must be 0 or behind a newline. */
export class LineScanner {
  #offset: number;
  #isInsideLongLine = false;

  constructor(offset: number) {
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  /**
   * The finished lines of the next chunk before `limit`; empty where it holds only a part of a line too long to read.
   * Null where no further line is finished there.
   */
  async next(handle: FileHandle, limit: number): Promise<ScannedLine[] | null> {
    const wanted = Math.min(CHUNK_BYTES, limit - this.#offset);
    if (wanted <= 0) return null;
    const buffer = Buffer.allocUnsafe(wanted);
    const length = await readAt(handle, buffer, this.#offset, wanted);
    const chunk = buffer.subarray(0, length);
    if (this.#isInsideLongLine) return this.#leaveLongLine(chunk);
    const lines = splitLines(chunk, this.#offset);
    const last = lines.at(-1);
    if (last !== undefined) {
      this.#offset = last.end;
      return lines;
    }
    if (length < CHUNK_BYTES) return null;
    this.#isInsideLongLine = true;
    this.#offset += length;
    return [];
  }

  #leaveLongLine(chunk: Buffer): ScannedLine[] | null {
    if (chunk.length === 0) return null;
    const newline = chunk.indexOf(NEWLINE);
    this.#isInsideLongLine = newline === -1;
    this.#offset += newline === -1 ? chunk.length : newline + 1;
    return [];
  }
}

function splitLines(chunk: Buffer, offset: number): ScannedLine[] {
  const lines: ScannedLine[] = [];
  let start = 0;
  for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, start)) {
    lines.push({ bytes: chunk.subarray(start, newline), end: offset + newline + 1 });
    start = newline + 1;
  }
  return lines;
}
