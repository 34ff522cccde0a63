import type { EventPage, PluginEventType } from "@toru/http-api";
import { request } from "#shared/api/request.ts";

/** Which events a person wants to see; the host does the choosing. */
export interface EventFilter {
  /** Null is all plugins. */
  plugin: string | null;
  /** Empty is all types. */
  types: readonly PluginEventType[];
}

export const ALL_EVENTS: EventFilter = { plugin: null, types: [] };

interface EventPageOptions {
  limit: number;
  /** Of the page before; absent is the newest page. */
  cursor?: string;
  signal?: AbortSignal;
}

export function requestEvents(
  { plugin, types }: EventFilter,
  { limit, cursor, signal }: EventPageOptions,
): Promise<EventPage> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (plugin !== null) query.set("plugin", plugin);
  if (types.length > 0) query.set("type", types.join(","));
  if (cursor !== undefined) query.set("cursor", cursor);
  return request<EventPage>(`/api/plugin-events?${query}`, signal ? { signal } : {});
}
