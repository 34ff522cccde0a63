export interface ManagerSearch {
  q?: string;
  /** The id of the plugin whose panel is open. */
  plugin?: string;
  tab?: "details" | "logs" | "events";
}

export function parseManagerSearch(search: Record<string, unknown>): ManagerSearch {
  return typeof search["q"] === "string" ? { q: search["q"] } : {};
}
