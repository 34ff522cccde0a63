export interface EventsSearch {
  plugin?: string;
}

export function parseEventsSearch(search: Record<string, unknown>): EventsSearch {
  return typeof search["plugin"] === "string" ? { plugin: search["plugin"] } : {};
}
