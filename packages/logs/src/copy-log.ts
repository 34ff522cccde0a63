import type { LogCopy, LogLevel } from "@toru/core";
import { CHUNK_BYTES, endOfLastLine } from "./backward-lines.ts";
import { closeKeptFiles, openKeptFiles, readAt, type KeptFile } from "./kept-files.ts";
import { LineFilter } from "./line-filter.ts";
import { LineScanner, linesIn } from "./line-scanner.ts";
import type { LogFile } from "./log-file.ts";

const NEWLINE = Buffer.from("\n");

/** Opens all files at once, so that a later rotation takes nothing away and adds nothing. */
export async function copyLog(log: LogFile, query: { level?: LogLevel; q?: string }): Promise<LogCopy> {
  const files = await openKeptFiles(log.path, log.keep);
  const oldestFirst = files.toReversed();
  const isWhole = query.level === undefined && (query.q ?? "") === "";
  const chunks = isWhole ? wholeFiles(oldestFirst) : chosenLines(oldestFirst, new LineFilter(log.plugin, query));
  let closed: Promise<void> | null = null;
  return {
    async next() {
      if (closed !== null) return null;
      const { value, done } = await chunks.next();
      return done === true ? null : value;
    },
    [Symbol.asyncDispose]() {
      closed ??= closeAll(files, chunks);
      return closed;
    },
  };
}

/** A read that is under way ends first. */
async function closeAll(files: KeptFile[], chunks: AsyncGenerator<Uint8Array, void>): Promise<void> {
  await chunks.return();
  await closeKeptFiles(files);
}

async function* wholeFiles(files: KeptFile[]): AsyncGenerator<Uint8Array, void> {
  for (const { handle, size } of files) {
    for (let offset = 0; offset < size;) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - offset));
      const length = await readAt(handle, buffer, offset, buffer.length);
      // Somebody cut the file short: what it held is gone.
      if (length === 0) break;
      offset += length;
      yield buffer.subarray(0, length);
    }
  }
}

async function* chosenLines(files: KeptFile[], filter: LineFilter): AsyncGenerator<Uint8Array, void> {
  for (const { handle, size } of files) {
    const end = await endOfLastLine(handle, size);
    const scanner = new LineScanner(0);
    for (;;) {
      const lines = await scanner.next(handle, end, (chunk) => filter.mayHoldText(chunk));
      if (lines === null) break;
      const chosen = linesIn(lines).filter(({ line }) => filter.entry(line) !== null);
      if (chosen.length > 0) yield Buffer.concat(chosen.flatMap(({ line }) => [line, NEWLINE]));
    }
  }
}
