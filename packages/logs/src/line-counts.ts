import { LineScanner } from "./line-scanner.ts";
import type { LineFilter } from "./line-filter.ts";
import type { KeptFile } from "./kept-files.ts";

/** Most counts that are remembered for one log: a few filters on each of its files. */
const MAX_COUNTS = 64;

interface LineCount {
  /** How far the file is counted, in bytes. */
  offset: number;
  count: number;
}

/** How many lines of each file a filter chooses. Files only grow at their end, so each byte is counted once. */
export class LineCounts {
  readonly #counts = new Map<string, LineCount>();
  #last: Promise<unknown> = Promise.resolve();

  /** The lines of `file` before `end`. Counts one file at a time: who asks for the same waits and finds it done. */
  count(file: KeptFile, end: number, filter: LineFilter): Promise<number> {
    const counting = this.#last.then(() => this.#count(file, end, filter));
    this.#last = counting.catch(() => "told to whoever awaits the count itself");
    return counting;
  }

  async #count(file: KeptFile, end: number, filter: LineFilter): Promise<number> {
    if (file.identity === null || end === 0) return 0;
    const key = `${file.identity} ${filter.key}`;
    const known = this.#counts.get(key);
    const from = known !== undefined && known.offset <= end ? known : { offset: 0, count: 0 };
    const scanner = new LineScanner(from.offset);
    const mayHoldText = (chunk: Buffer) => filter.mayHoldText(chunk);
    let { count } = from;
    for (;;) {
      const lines = await scanner.next(file.handle, end, mayHoldText);
      if (lines === null) break;
      let start = 0;
      for (const lineEnd of lines.ends) {
        if (filter.counts(lines.bytes, start, lineEnd)) count += 1;
        start = lineEnd + 1;
      }
    }
    this.#remember(key, { offset: scanner.offset, count });
    return count;
  }

  #remember(key: string, count: LineCount): void {
    this.#counts.delete(key);
    this.#counts.set(key, count);
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= MAX_COUNTS) break;
      this.#counts.delete(oldest);
    }
  }
}
