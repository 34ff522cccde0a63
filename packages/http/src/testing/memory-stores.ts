import type { EventQuery, EventStore, KvStore, NewPluginEvent, PluginEvent } from "@toru/core";

export class MemoryKv implements KvStore {
  readonly values = new Map<string, string>();

  async get(pluginId: string, key: string): Promise<string | null> {
    return this.values.get(`${pluginId}\0${key}`) ?? null;
  }

  async set(pluginId: string, key: string, value: string): Promise<void> {
    this.values.set(`${pluginId}\0${key}`, value);
  }

  async delete(pluginId: string, key: string): Promise<void> {
    this.values.delete(`${pluginId}\0${key}`);
  }

  async list(
    pluginId: string,
    { prefix, after, limit }: { prefix: string; after: string | null; limit: number },
  ): Promise<{ keys: string[]; more: boolean }> {
    const own = [...this.values.keys()].filter((key) => key.startsWith(`${pluginId}\0${prefix}`));
    const keys = own.map((key) => key.slice(pluginId.length + 1)).sort();
    const rest = keys.filter((key) => after === null || key > after);
    return { keys: rest.slice(0, limit), more: rest.length > limit };
  }
}

export class MemoryEvents implements EventStore {
  readonly events: PluginEvent[] = [];

  async append(event: NewPluginEvent): Promise<PluginEvent> {
    const stored = { ...event, id: this.events.length + 1 };
    this.events.push(stored);
    return stored;
  }

  async list({ pluginId, types, before, limit }: EventQuery): Promise<{ events: PluginEvent[]; more: boolean }> {
    const matching = this.events
      .filter((event) => pluginId === undefined || event.pluginId === pluginId)
      .filter((event) => types === undefined || types.includes(event.type))
      .filter((event) => before === undefined || event.id < before)
      .toReversed();
    return { events: matching.slice(0, limit), more: matching.length > limit };
  }
}
