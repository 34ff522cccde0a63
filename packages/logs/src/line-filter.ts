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

/** Text that no JSON writer escapes, so that a line which holds it holds it as it is. */
const NEVER_ESCAPED = /^[A-Za-z0-9 _.:-]+$/;

/** Which lines of a file a reader wants. */
export class LineFilter {
  /** Equal for filters that choose the same lines. */
  readonly key: string;
  readonly #plugin: string;
  readonly #leastRank: number;
  readonly #text: string;
  readonly #isNeverEscaped: boolean;

  constructor(plugin: string, query: { level?: LogLevel | undefined; q?: string | undefined }) {
    this.#plugin = plugin;
    this.#leastRank = query.level === undefined ? 0 : LOG_LEVELS.indexOf(query.level);
    this.#text = query.q?.toLowerCase() ?? "";
    this.#isNeverEscaped = NEVER_ESCAPED.test(this.#text);
    this.key = `${this.#leastRank}:${this.#text}`;
  }

  /** The entry where the line is valid and chosen. */
  entry(line: Buffer): LogEntry | null {
    const level = hostLineLevel(line);
    if (level !== null && !this.#hasRank(level)) return null;
    if (this.#isNeverEscaped && !line.toString().toLowerCase().includes(this.#text)) return null;
    const entry = parseLine(line, this.#plugin);
    return entry !== null && this.#hasRank(entry.level) && this.#hasText(entry) ? entry : null;
  }

  /**
   * Whether `entry` would give one. Without a text to search, a line that starts and ends as the host writes them is not
   * parsed, which makes counting many times faster. Its price: a line that begins and ends so but is broken in between,
   * by two writers at once, is counted though no page shows it.
   */
  counts(line: Buffer): boolean {
    if (this.#text !== "") return this.entry(line) !== null;
    const level = hostLineLevel(line);
    return level === null ? this.entry(line) !== null : this.#hasRank(level);
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

/** The level of a line that starts and ends as the host's own, without parsing it; null for every other line. */
function hostLineLevel(line: Buffer): LogLevel | null {
  if (line.length <= LEVEL_AT || line.length > MAX_READ_LINE_BYTES) return null;
  if (line[line.length - 1] !== CLOSING_BRACE) return null;
  if (!hasBytesAt(line, START, 0) || !hasBytesAt(line, LEVEL_KEY, LEVEL_KEY_AT)) return null;
  return LEVEL_BY_FIRST_BYTE.get(line[LEVEL_AT] ?? 0) ?? null;
}

function hasBytesAt(line: Buffer, expected: Buffer, at: number): boolean {
  for (let index = 0; index < expected.length; index += 1) {
    if (line[at + index] !== expected[index]) return false;
  }
  return true;
}
