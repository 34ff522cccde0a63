import type { LogEntry, LogPage, LogQuery } from "@toru/core";
import { endOfLastLine, linesBackward } from "./backward-lines.ts";
import { formatCursor, invalidCursor, parseCursor } from "./cursor.ts";
import { closeKeptFiles, openKeptFiles, readAt, type KeptFile } from "./kept-files.ts";
import type { LineCounts } from "./line-counts.ts";
import { LineFilter } from "./line-filter.ts";
import type { LogFile } from "./log-file.ts";

/** Most lines that a page holds. */
export const MAX_PAGE_SIZE = 1000;
const NEWLINE = 0x0a;

/** A file, and how far it is looked at. */
interface Stretch {
  file: KeptFile;
  end: number;
  /** Chosen lines in the whole file. */
  count: number;
}

/** One page of the log as it is now. `total` and the page are of one moment, even while lines arrive. */
export async function readLogPage(log: LogFile, query: LogQuery, counts: LineCounts): Promise<LogPage> {
  const position = query.cursor === undefined ? null : parseCursor(query.cursor);
  const filter = new LineFilter(log.plugin, query);
  const files = await openKeptFiles(log.path, log.keep);
  try {
    const stretches = await measure(files, filter, counts);
    const total = stretches.reduce((sum, { count }) => sum + count, 0);
    const pageSize = Math.min(Math.max(1, Math.trunc(query.pageSize)), MAX_PAGE_SIZE);
    if (position === null) {
      const skip = (Math.max(1, Math.trunc(query.page)) - 1) * pageSize;
      return { ...(await collect(stretches, filter, pageSize, skip)), total };
    }
    const older = position === "start" ? [] : await before(stretches, position);
    return { ...(await collect(older, filter, pageSize, 0)), total };
  } finally {
    await closeKeptFiles(files);
  }
}

async function measure(files: KeptFile[], filter: LineFilter, counts: LineCounts): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  for (const file of files) {
    const end = await endOfLastLine(file.handle, file.size);
    stretches.push({ file, end, count: await counts.count(file, end, filter) });
  }
  return stretches;
}

/** What lies before a position. Nothing where its file is no longer kept: then neither is anything older. */
async function before(stretches: Stretch[], position: { file: string; offset: number }): Promise<Stretch[]> {
  const index = stretches.findIndex(({ file }) => file.identity === position.file);
  const stretch = stretches[index];
  if (stretch === undefined || position.offset > stretch.end) return [];
  if (!(await isBetweenLines(stretch.file, position.offset))) throw invalidCursor();
  return [{ ...stretch, end: position.offset }, ...stretches.slice(index + 1)];
}

async function isBetweenLines(file: KeptFile, offset: number): Promise<boolean> {
  if (offset === 0) return true;
  const byte = Buffer.alloc(1);
  return (await readAt(file.handle, byte, offset - 1, 1)) === 1 && byte[0] === NEWLINE;
}

/** Walks back from the newest line. Files without a chosen line, and those that are skipped as a whole, are not read. */
async function collect(
  stretches: Stretch[],
  filter: LineFilter,
  pageSize: number,
  skip: number,
): Promise<Omit<LogPage, "total">> {
  const newestFirst: LogEntry[] = [];
  const mayHoldText = (chunk: Buffer) => filter.mayHoldText(chunk);
  let toSkip = skip;
  let cursor: string | null = null;
  for (const { file, end, count } of stretches) {
    if (toSkip >= count) {
      toSkip -= count;
      continue;
    }
    let unseen = count;
    for await (const lines of linesBackward(file.handle, end, mayHoldText)) {
      for (const { bytes, start } of lines) {
        const entry = filter.entry(bytes);
        if (entry === null) continue;
        unseen -= 1;
        if (toSkip > 0) {
          toSkip -= 1;
          continue;
        }
        if (newestFirst.length === pageSize) return { logs: newestFirst.toReversed(), cursor };
        newestFirst.push(entry);
        cursor = formatCursor({ file: file.identity ?? "", offset: start });
      }
      if (unseen === 0) break;
    }
  }
  return { logs: newestFirst.toReversed(), cursor: null };
}
