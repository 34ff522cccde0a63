import { stat } from "node:fs/promises";
import type { FollowedEntry } from "@toru/core";
import { formatCursor, START_OF_LOG } from "./cursor.ts";
import { whereToBegin, type FollowStart } from "./follow-start.ts";
import { closeKeptFiles, openKeptFiles, type KeptFile } from "./kept-files.ts";
import type { LineFilter } from "./line-filter.ts";
import { LineScanner, linesIn } from "./line-scanner.ts";
import type { LogFile } from "./log-file.ts";
import { isAbsent } from "./system-error.ts";

interface CurrentFile {
  file: KeptFile;
  scanner: LineScanner;
}

/**
 * Hands out the lines of one log in order, across rotation: a file is read to its end after its successor was seen,
 * then the successor from its start. While a file is followed it stays open, so its inode cannot be given to another.
 */
export class FileFollower {
  readonly #log: LogFile;
  readonly #filter: LineFilter;
  #start: FollowStart | null;
  #current: CurrentFile | null = null;
  /** Identities of files that lie behind us, as far as they still exist. */
  #done = new Set<string>();

  constructor(log: LogFile, filter: LineFilter, start: FollowStart) {
    this.#log = log;
    this.#filter = filter;
    this.#start = start;
  }

  /** The chosen lines of the next chunk, perhaps none; null where there is nothing more to read for now. */
  async poll(): Promise<FollowedEntry[] | null> {
    if (this.#start !== null) {
      await this.#begin(this.#start);
      this.#start = null;
    }
    const entries = await this.#readCurrent();
    if (entries !== null || !(await this.#hasSuccessor())) return entries;
    const successor = await this.#openSuccessor();
    if (successor === null) return null;
    // What was appended between the last look at the old file and its renaming.
    const rest = await this.#readCurrent();
    if (rest !== null) {
      await successor.file.handle.close();
      return rest;
    }
    await this.#switchTo(successor);
    return [];
  }

  async close(): Promise<void> {
    await this.#current?.file.handle.close();
    this.#current = null;
  }

  async #readCurrent(): Promise<FollowedEntry[] | null> {
    const current = this.#current;
    if (current === null) return null;
    const { size } = await current.file.handle.stat();
    if (size < current.scanner.offset) return this.#leaveTruncated(current);
    const lines = await current.scanner.next(current.file.handle, size);
    if (lines === null) return null;
    const file = current.file.identity ?? "";
    const entries: FollowedEntry[] = [];
    for (const { line, behind } of linesIn(lines)) {
      const entry = this.#filter.entry(line);
      if (entry !== null) entries.push({ entry, cursor: formatCursor({ file, offset: behind }) });
    }
    return entries;
  }

  /** Somebody cut the file short: what it will hold is new, under another identity. */
  async #leaveTruncated(current: CurrentFile): Promise<null> {
    this.#current = null;
    await current.file.handle.close();
    return null;
  }

  /** Whether another file than the followed one has the log's name. */
  async #hasSuccessor(): Promise<boolean> {
    if (this.#current === null) return true;
    try {
      const { ino } = await stat(this.#log.path, { bigint: true });
      return ino !== this.#current.file.inode;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  /** The file after the followed one, else the oldest that does not lie behind us. Null while it has no line. */
  async #openSuccessor(): Promise<CurrentFile | null> {
    return pick(await openKeptFiles(this.#log.path, this.#log.keep), (oldestFirst) => {
      const index = oldestFirst.findIndex(({ inode }) => inode === this.#current?.file.inode);
      const candidates = oldestFirst.slice(index + 1).filter(({ identity }) => identity !== null);
      const next = candidates.find(({ identity }) => !this.#done.has(identity ?? ""));
      return next === undefined ? null : { file: next, scanner: new LineScanner(0) };
    });
  }

  async #switchTo(successor: CurrentFile): Promise<void> {
    if (this.#current !== null) {
      const { identity } = this.#current.file;
      if (identity !== null) this.#done.add(identity);
      await this.#current.file.handle.close();
    }
    this.#current = successor;
    // Far more than are ever kept at once; only the latest can still be met.
    const surplus = this.#done.size - (this.#log.keep + 2);
    this.#done = new Set([...this.#done].slice(Math.max(0, surplus)));
  }

  async #begin(start: FollowStart): Promise<void> {
    if (start === START_OF_LOG) return;
    const files = await openKeptFiles(this.#log.path, this.#log.keep);
    this.#current = await pick(files, async (oldestFirst) => {
      const { index, offset } = await whereToBegin(oldestFirst, start);
      for (const { identity } of oldestFirst.slice(0, index)) if (identity !== null) this.#done.add(identity);
      const file = oldestFirst[index];
      return file === undefined || file.identity === null ? null : { file, scanner: new LineScanner(offset) };
    });
  }
}

/** Keeps the chosen file open and closes the others. */
async function pick(
  newestFirst: KeptFile[],
  choose: (oldestFirst: KeptFile[]) => CurrentFile | null | Promise<CurrentFile | null>,
): Promise<CurrentFile | null> {
  const unused = new Set(newestFirst);
  try {
    const chosen = await choose(newestFirst.toReversed());
    if (chosen !== null) unused.delete(chosen.file);
    return chosen;
  } finally {
    await closeKeptFiles(unused);
  }
}
