export interface LogsSearch {
  /** The least level; absent is all. */
  level?: "info" | "warn" | "error";
  q?: string;
}

export function parseLogsSearch({ level, q }: Record<string, unknown>): LogsSearch {
  return {
    ...((level === "info" || level === "warn" || level === "error") && { level }),
    ...(typeof q === "string" && q !== "" && { q: q.slice(0, MAX_SEARCH) }),
  };
}

/** As much as the host takes, in UTF-16 units. */
const MAX_SEARCH = 200;
