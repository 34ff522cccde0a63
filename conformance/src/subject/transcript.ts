/** Entries that are kept; the oldest go first. */
const MAX_ENTRIES = 400;
/** Of each entry, in characters. */
const MAX_ENTRY_CHARACTERS = 600;

export type Direction = "sent" | "came" | "note";

export interface TranscriptEntry {
  direction: Direction;
  text: string;
}

/** What went over the wire during one case, in words, bounded. */
export class Transcript {
  readonly entries: TranscriptEntry[] = [];

  add(direction: Direction, text: string): void {
    this.entries.push({ direction, text: shorten(text, MAX_ENTRY_CHARACTERS) });
    if (this.entries.length > MAX_ENTRIES) this.entries.shift();
  }

  /** The newest entry of this direction, null where there is none. */
  last(direction: Direction): string | null {
    return this.entries.findLast((entry) => entry.direction === direction)?.text ?? null;
  }
}

/** A text of at most so many characters, which says how much was cut out of its middle. */
export function shorten(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const end = Math.floor(characters / 4);
  return `${text.slice(0, characters - end)} … ${text.length - characters} more characters … ${text.slice(-end)}`;
}

/** A value as JSON, for people. */
export function show(value: unknown): string {
  return shorten(value === undefined ? "nothing" : JSON.stringify(value), 300);
}
