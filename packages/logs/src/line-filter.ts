import { LOG_LEVELS, type LogEntry, type LogLevel } from "@toru/core";
import { MAX_READ_LINE_BYTES, parseLine } from "./parse-line.ts";

// How each line of the host starts, up to the level: `{"timestamp":"2026-01-31T12:00:00.000Z","level":"`.
const START = Buffer.from('{"timestamp":"');
const LEVEL_KEY = Buffer.from('Z","level":"');
const LEVEL_KEY_AT = START.length + "2026-01-31T12:00:00.000".length;
const LEVEL_AT = LEVEL_KEY_AT + LEVEL_KEY.length;
const CLOSING_BRACE = 0x7d;
const LEVEL_BY_FIRST_BYTE: ReadonlyMap<number, LogLevel> = new Map(
  LOG_LEVELS.map((level) => [level.charCodeAt(0), level]),
);

/** What no JSON writer escapes, so that a line which holds it holds it as it is. */
const WHOLLY_PLAIN = /^[A-Za-z0-9 _.:-]+$/;
/** As part of more: where a colon is punctuation, some writers put a space behind it. */
const PLAIN = /[A-Za-z0-9 _.-]+/g;
/** The first or the last of what stands for characters beyond ASCII. */
const OTHER = "(?:[\\x80-\\xff]|\\\\u[0-9a-f]{4})";

/** Which lines of a file a reader wants. */
export class LineFilter {
  /** Equal for filters that choose the same lines. */
  readonly key: string;
  readonly #plugin: string;
  readonly #leastRank: number;
  readonly #text: string;
  /** What every line with the text holds; null where that says nothing. */
  readonly #pattern: RegExp | null;

  constructor(plugin: string, query: { level?: LogLevel | undefined; q?: string | undefined }) {
    this.#plugin = plugin;
    this.#leastRank = query.level === undefined ? 0 : LOG_LEVELS.indexOf(query.level);
    this.#text = query.q?.toLowerCase() ?? "";
    this.#pattern = patternOf(this.#text);
    this.key = `${this.#leastRank}:${this.#text}`;
  }

  /**
   * False where surely no line of these bytes has the text: many times faster than to look at each line. Letters that are
   * ASCII in lower case only (the sign of the kelvin) do not count as such.
   */
  mayHoldText(bytes: Buffer): boolean {
    return this.#pattern === null || this.#pattern.test(bytes.toString("latin1"));
  }

  /** The entry where the line is valid and chosen. */
  entry(line: Buffer): LogEntry | null {
    const level = hostLineLevel(line, 0, line.length);
    if (level !== null && !this.#hasRank(level)) return null;
    if (!this.mayHoldText(line)) return null;
    const entry = parseLine(line, this.#plugin);
    return entry !== null && this.#hasRank(entry.level) && this.#hasText(entry) ? entry : null;
  }

  /**
   * Whether `entry` would give one for the line in `bytes` from `start` to before `end`. Without a text to search, a line
   * that starts and ends as the host writes them is not parsed, which makes counting many times faster. Its price: a line
   * that begins and ends so but is broken in between, by two writers at once, is counted though no page shows it.
   */
  counts(bytes: Buffer, start: number, end: number): boolean {
    const level = this.#text === "" ? hostLineLevel(bytes, start, end) : null;
    return level === null ? this.entry(bytes.subarray(start, end)) !== null : this.#hasRank(level);
  }

  #hasRank(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#leastRank;
  }

  #hasText({ message, error, fields }: LogEntry): boolean {
    if (this.#text === "" || message.toLowerCase().includes(this.#text)) return true;
    if (error?.toLowerCase().includes(this.#text) === true) return true;
    return fields !== undefined && JSON.stringify(fields).toLowerCase().includes(this.#text);
  }
}

/**
 * A part of what stands in every line that has the text, read as one character a byte. Without repetition, so that no
 * line makes it slow.
 */
function patternOf(text: string): RegExp | null {
  if (WHOLLY_PLAIN.test(text)) return new RegExp(RegExp.escape(text), "i");
  const [longest] = [...text.matchAll(PLAIN)].sort(([a], [b]) => b.length - a.length);
  if (longest === undefined) return isOther(text.at(-1)) ? new RegExp(OTHER, "i") : null;
  const { 0: part, index } = longest;
  const before = isOther(text[index - 1]) ? OTHER : "";
  const behind = isOther(text[index + part.length]) ? OTHER : "";
  return new RegExp(`${before}${RegExp.escape(part)}${behind}`, "i");
}

function isOther(character: string | undefined): boolean {
  return character !== undefined && character > "\x7f";
}

/** The level of a line that starts and ends as the host's own, without parsing it; null for every other line. */
function hostLineLevel(bytes: Buffer, start: number, end: number): LogLevel | null {
  if (end - start <= LEVEL_AT || end - start > MAX_READ_LINE_BYTES) return null;
  if (bytes[end - 1] !== CLOSING_BRACE) return null;
  if (!hasBytesAt(bytes, START, start) || !hasBytesAt(bytes, LEVEL_KEY, start + LEVEL_KEY_AT)) return null;
  return LEVEL_BY_FIRST_BYTE.get(bytes[start + LEVEL_AT] ?? 0) ?? null;
}

function hasBytesAt(bytes: Buffer, expected: Buffer, at: number): boolean {
  for (let index = 0; index < expected.length; index += 1) {
    if (bytes[at + index] !== expected[index]) return false;
  }
  return true;
}
