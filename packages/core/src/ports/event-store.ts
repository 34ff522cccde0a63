import type { PluginEventType } from "../plugin-state.ts";

export interface NewPluginEvent {
  pluginId: string;
  type: PluginEventType;
  /** RFC 3339, UTC. */
  timestamp: string;
  details: Record<string, unknown>;
}

export interface PluginEvent extends NewPluginEvent {
  /** Grows with every event. */
  id: number;
}

export interface EventQuery {
  /** Absent: of all plugins. */
  pluginId?: string;
  types?: PluginEventType[];
  /** Only events with a smaller id: the cursor of the page before. */
  before?: number;
  limit: number;
}

/** The `plugin_events` table. Old events are pruned: the newest 10,000 of each plugin are kept. */
export interface EventStore {
  /** In the order of the calls, which need not wait for each other. */
  append(event: NewPluginEvent): Promise<PluginEvent>;
  /** Newest first. */
  list(query: EventQuery): Promise<{ events: PluginEvent[]; more: boolean }>;
}
