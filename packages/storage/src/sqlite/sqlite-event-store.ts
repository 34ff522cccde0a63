import type { EventQuery, EventStore, NewPluginEvent, PluginEvent } from "@toru/core";
import type { Kysely, Selectable } from "kysely";
import type { GroupCommit } from "./group-commit.ts";
import type { Schema } from "./schema.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Events of one plugin that are always kept: the newest. */
const KEPT_EVENTS = 10_000;
/** Events of one plugin from one pruning to the next: so many more than `KEPT_EVENTS` may lie in the table. */
const PRUNE_INTERVAL = 100;

export class SqliteEventStore implements EventStore {
  readonly #connection: SqliteConnection;
  readonly #group: GroupCommit;
  readonly #queries: Kysely<Schema>;
  /** Per plugin, events appended since the last pruning. One entry a plugin that this host has known. */
  readonly #appended = new Map<string, number>();

  constructor(connection: SqliteConnection, group: GroupCommit, queries: Kysely<Schema>) {
    this.#connection = connection;
    this.#group = group;
    this.#queries = queries;
  }

  async append(event: NewPluginEvent): Promise<PluginEvent> {
    const { pluginId, type, timestamp, details } = event;
    const insert = this.#queries
      .insertInto("plugin_events")
      .values({ plugin_id: pluginId, event_type: type, timestamp, details: JSON.stringify(details) })
      .returning(["id", "plugin_id", "event_type", "timestamp", "details"]);
    const query = insert.compile();
    const row = await this.#group.write(pluginId, () => {
      this.#pruneNowAndThen(pluginId);
      return this.#connection.firstNow(query);
    });
    if (row === null) throw this.#connection.fault(new Error("an INSERT of an event returned no row"));
    return toEvent(row);
  }

  async list({ pluginId, types, before, limit }: EventQuery): Promise<{ events: PluginEvent[]; more: boolean }> {
    let query = this.#queries
      .selectFrom("plugin_events")
      .selectAll()
      .orderBy("id", "desc")
      .limit(limit + 1);
    if (pluginId !== undefined) query = query.where("plugin_id", "=", pluginId);
    if (types !== undefined) query = query.where("event_type", "in", types);
    if (before !== undefined) query = query.where("id", "<", before);
    const rows = await this.#connection.all(query.compile());
    return { events: rows.slice(0, limit).map(toEvent), more: rows.length > limit };
  }

  /** Before the first event since the start too: a host that is restarted often must prune as well. */
  #pruneNowAndThen(pluginId: string): void {
    const appended = this.#appended.get(pluginId) ?? PRUNE_INTERVAL;
    this.#appended.set(pluginId, appended < PRUNE_INTERVAL ? appended + 1 : 1);
    if (appended >= PRUNE_INTERVAL) this.#prune(pluginId);
  }

  #prune(pluginId: string): void {
    const query = this.#queries
      .deleteFrom("plugin_events")
      .where("plugin_id", "=", pluginId)
      .where("id", "<=", (events) =>
        events
          .selectFrom("plugin_events")
          .select("id")
          .where("plugin_id", "=", pluginId)
          .orderBy("id", "desc")
          .limit(1)
          .offset(KEPT_EVENTS),
      );
    this.#connection.allNow(query.compile());
  }
}

function toEvent(row: Selectable<Schema["plugin_events"]>): PluginEvent {
  const { id, plugin_id: pluginId, event_type: type, timestamp, details } = row;
  // The schema lets only JSON objects in.
  return { id, pluginId, type, timestamp, details: JSON.parse(details) as Record<string, unknown> };
}
