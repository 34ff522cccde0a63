import type { LogLevel } from "@toru/http-api";

/** Which lines a person wants to see; the host does the choosing. */
export interface LogFilter {
  /** The least level; `debug` is all. */
  level: LogLevel;
  /** Text to find; empty is all. */
  q: string;
}

export const NO_FILTER: LogFilter = { level: "debug", q: "" };
export const LEVELS = ["debug", "info", "warn", "error"] as const satisfies LogLevel[];

export function isFiltering({ level, q }: LogFilter): boolean {
  return level !== NO_FILTER.level || q !== NO_FILTER.q;
}

/** The path of `what` below a plugin's logs, with only the parts of the filter that choose something. */
export function logPath(
  id: string,
  what: "" | "/stream" | "/download",
  { level, q }: LogFilter,
  more: Record<string, string> = {},
): string {
  const query = new URLSearchParams(more);
  if (level !== NO_FILTER.level) query.set("level", level);
  if (q !== NO_FILTER.q) query.set("q", q);
  const text = query.toString();
  return `/api/plugins/${encodeURIComponent(id)}/logs${what}${text === "" ? "" : `?${text}`}`;
}
