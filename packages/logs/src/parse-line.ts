import type { LogEntry, LogLevel } from "@toru/core";
import { parseTimestamp } from "./parse-timestamp.ts";

/** Longest line that readers look at, in bytes: 64 KiB. The host's own are shorter; longer foreign ones are passed over. */
export const MAX_READ_LINE_BYTES = 64 * 1024;

const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ["trace", "debug"],
  ["debug", "debug"],
  ["info", "info"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["error", "error"],
  ["err", "error"],
  ["fatal", "error"],
  ["critical", "error"],
]);

const OPENING_BRACE = 0x7b;

/**
 * A line is valid where it is a JSON object with a string `message` and a `timestamp` that parses; everything else, and a
 * line over `MAX_READ_LINE_BYTES`, is null and to be passed over. An unknown level counts as info; a line without
 * `plugin` belongs to `plugin`.
 */
export function parseLine(bytes: Buffer, plugin: string): LogEntry | null {
  if (bytes.length > MAX_READ_LINE_BYTES || bytes.length === 0) return null;
  if (bytes[0] !== OPENING_BRACE && bytes.toString("utf8", 0, 64).trimStart()[0] !== "{") return null;
  const value = parseObject(bytes.toString("utf8"));
  if (value === null) return null;
  const message = value["message"];
  const time = value["timestamp"];
  if (typeof message !== "string" || typeof time !== "string") return null;
  const timestamp = parseTimestamp(time);
  if (timestamp === null) return null;
  const entry: LogEntry = { timestamp, level: parseLevel(value["level"]), plugin: nameIn(value) ?? plugin, message };
  const error = errorText(value["error"]);
  if (error !== null) entry.error = error;
  const fields = value["fields"];
  if (isObject(fields)) entry.fields = fields;
  return entry;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // Torn, or of another format: not a fault of this host.
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseLevel(level: unknown): LogLevel {
  return typeof level === "string" ? (LEVELS.get(level.toLowerCase()) ?? "info") : "info";
}

function nameIn(value: Record<string, unknown>): string | null {
  const { plugin } = value;
  return typeof plugin === "string" && plugin !== "" ? plugin : null;
}

function errorText(error: unknown): string | null {
  if (error === undefined || error === null) return null;
  return typeof error === "string" ? error : JSON.stringify(error);
}
