import type { LogEntry } from "@toru/http-api";

/** Most lines that are loaded at once. */
export const MAX_LINES = 100_000;
/** Lines of a page, and of what is dropped together. */
export const PAGE_LINES = 1_000;

/** Lines that came together. `before` pages back from its first line; null where nothing is older. */
interface Stretch {
  count: number;
  before: string | null;
}

interface Page {
  /** Oldest first. */
  logs: LogEntry[];
  /** Of the page before it. */
  cursor: string | null;
}

export interface LiveLine {
  entry: LogEntry;
  /** Resumes behind it. */
  cursor: string;
}

/**
 * The loaded part of a log: a run of lines without a gap, older pages in front and live lines behind. The array is
 * replaced, never changed, so that a view may keep it.
 */
export class LogBuffer {
  readonly #maxLines: number;
  #lines: readonly LogEntry[] = [];
  /** Oldest first; their counts add up to the lines. */
  #stretches: Stretch[] = [];
  #firstKey = 0;
  #tail: string;
  #appended = 0;
  #dropped = 0;

  /** `tail` is where the page ends and the live stream goes on. */
  constructor({ logs, cursor }: Page, tail: string, maxLines = MAX_LINES) {
    this.#maxLines = maxLines;
    this.#tail = tail;
    this.#lines = logs;
    this.#stretches = [{ count: logs.length, before: cursor }];
  }

  /** Oldest first. */
  get lines(): readonly LogEntry[] {
    return this.#lines;
  }

  /** The key of the first line; each next line has the next number, and keeps it. */
  get firstKey(): number {
    return this.#firstKey;
  }

  /** Where the live stream goes on. */
  get tail(): string {
    return this.#tail;
  }

  /** Live lines so far. */
  get appended(): number {
    return this.#appended;
  }

  /** Lines that were loaded and had to go for newer ones. */
  get dropped(): number {
    return this.#dropped;
  }

  /** For the page before the first line; null where nothing is older. */
  get olderCursor(): string | null {
    return this.#stretches[0]?.before ?? null;
  }

  /** Whether an older page would not fit. */
  get isFull(): boolean {
    return this.#lines.length + PAGE_LINES > this.#maxLines;
  }

  /** Puts the page of `olderCursor` in front; nothing where `cursor` is not that one any more, or it does not fit. */
  prepend(page: Page, cursor: string): void {
    if (cursor !== this.olderCursor || this.#lines.length + page.logs.length > this.#maxLines) return;
    this.#lines = [...page.logs, ...this.#lines];
    this.#firstKey -= page.logs.length;
    this.#stretches.unshift({ count: page.logs.length, before: page.cursor });
  }

  /** Puts live lines behind; the oldest go where they are too many. */
  append(lines: readonly LiveLine[]): void {
    if (lines.length === 0) return;
    for (const { cursor } of lines) {
      const newest = this.#stretches.at(-1);
      if (newest === undefined || newest.count >= PAGE_LINES) {
        this.#stretches.push({ count: 1, before: this.#tail });
      } else newest.count += 1;
      this.#tail = cursor;
    }
    this.#appended += lines.length;
    const surplus = this.#dropOldest(this.#lines.length + lines.length);
    this.#lines = [...this.#lines, ...lines.map(({ entry }) => entry)].slice(surplus);
    this.#firstKey += surplus;
    this.#dropped += surplus;
  }

  /** How many lines go. Whole stretches only: the place before each of them is known. */
  #dropOldest(count: number): number {
    let surplus = 0;
    while (count - surplus > this.#maxLines && this.#stretches.length > 1) {
      surplus += this.#stretches.shift()?.count ?? 0;
    }
    return surplus;
  }
}
