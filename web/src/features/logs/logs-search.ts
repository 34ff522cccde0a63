export interface LogsSearch {
  q?: string;
}

export function parseLogsSearch(search: Record<string, unknown>): LogsSearch {
  return typeof search["q"] === "string" ? { q: search["q"] } : {};
}
