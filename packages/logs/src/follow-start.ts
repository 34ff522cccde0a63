import { statSync } from "node:fs";
import { endOfLastLine } from "./backward-lines.ts";
import type { Position, START_OF_LOG } from "./cursor.ts";
import { rotatedPath, type KeptFile } from "./kept-files.ts";
import type { LogFile } from "./log-file.ts";
import { isAbsent } from "./system-error.ts";

/** Where a log stood at one moment: how far its file reached or, where there was none, which rotated ones there were. */
export type Moment = { inode: bigint; size: number } | { rotated: bigint[] };

/** Where to begin: behind a position, before all that is kept, or at a moment. */
export type FollowStart = Position | typeof START_OF_LOG | { moment: Moment };

/** The end of a log right now. Synchronous, so that what is written after the call is surely behind it. */
export function thisMoment({ path, keep }: Pick<LogFile, "path" | "keep">): Moment {
  const file = look(path);
  if (file !== null) return file;
  const ages = Array.from({ length: keep }, (_, index) => index + 1);
  return { rotated: ages.map((age) => look(rotatedPath(path, age))?.inode ?? -1n) };
}

function look(path: string): { inode: bigint; size: number } | null {
  try {
    const { ino, size } = statSync(path, { bigint: true });
    return { inode: ino, size: Number(size) };
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** A file by its index in a list, and an offset in it; files before it are done. */
export interface Beginning {
  index: number;
  offset: number;
}

/** Where the start is among the files kept now. A start that is no longer kept is the end as it is now. */
export async function whereToBegin(
  oldestFirst: KeptFile[],
  start: Exclude<FollowStart, typeof START_OF_LOG>,
): Promise<Beginning> {
  if (!("moment" in start)) {
    const index = oldestFirst.findIndex(({ identity, size }) => identity === start.file && start.offset <= size);
    return index === -1 ? endOfLog(oldestFirst) : { index, offset: start.offset };
  }
  const { moment } = start;
  if ("rotated" in moment) {
    return { index: oldestFirst.filter(({ inode }) => moment.rotated.includes(inode)).length, offset: 0 };
  }
  const index = oldestFirst.findIndex(({ inode }) => inode === moment.inode);
  const file = oldestFirst[index];
  if (file === undefined) return endOfLog(oldestFirst);
  // A line that was unfinished at the moment is finished after it.
  return { index, offset: await endOfLastLine(file.handle, Math.min(moment.size, file.size)) };
}

/** Behind the last finished line. */
export async function endOfLog(oldestFirst: KeptFile[]): Promise<Beginning> {
  const index = oldestFirst.findLastIndex(({ identity }) => identity !== null);
  const file = oldestFirst[index];
  return file === undefined ? { index: 0, offset: 0 } : { index, offset: await endOfLastLine(file.handle, file.size) };
}
