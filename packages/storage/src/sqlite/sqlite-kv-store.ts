import type { Statement } from "bun:sqlite";
import type { KvStore } from "@toru/core";
import type { Kysely } from "kysely";
import { StorageError } from "../storage-error.ts";
import { keyRange } from "./key-range.ts";
import type { Schema } from "./schema.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Plugins call `get`, `set` and `delete` thousands of times a second: these three are prepared once. */
export class SqliteKvStore implements KvStore {
  readonly #connection: SqliteConnection;
  readonly #queries: Kysely<Schema>;
  readonly #get: Statement<{ value: string }, [string, string]>;
  readonly #set: Statement<unknown, [string, string, string]>;
  readonly #delete: Statement<unknown, [string, string]>;

  constructor(connection: SqliteConnection, queries: Kysely<Schema>) {
    this.#connection = connection;
    this.#queries = queries;
    const { database } = connection;
    this.#get = database.prepare("SELECT value FROM plugin_kv WHERE plugin_id = ? AND key = ?");
    this.#set = database.prepare(
      `INSERT INTO plugin_kv (plugin_id, key, value) VALUES (?, ?, ?)
       ON CONFLICT (plugin_id, key) DO UPDATE SET value = excluded.value`,
    );
    this.#delete = database.prepare("DELETE FROM plugin_kv WHERE plugin_id = ? AND key = ?");
  }

  async get(pluginId: string, key: string): Promise<string | null> {
    requireUtf8("key", key);
    try {
      return this.#get.get(pluginId, key)?.value ?? null;
    } catch (error) {
      throw this.#connection.fault(error);
    }
  }

  async set(pluginId: string, key: string, value: string): Promise<void> {
    requireUtf8("key", key);
    requireUtf8("value", value);
    try {
      this.#set.run(pluginId, key, value);
    } catch (error) {
      throw this.#connection.fault(error);
    }
  }

  async delete(pluginId: string, key: string): Promise<void> {
    requireUtf8("key", key);
    try {
      this.#delete.run(pluginId, key);
    } catch (error) {
      throw this.#connection.fault(error);
    }
  }

  async list(
    pluginId: string,
    { prefix, after, limit }: { prefix: string; after: string | null; limit: number },
  ): Promise<{ keys: string[]; more: boolean }> {
    requireUtf8("prefix", prefix);
    requireUtf8("after", after ?? "");
    const { start, end } = keyRange(prefix, after);
    const query = this.#queries
      .selectFrom("plugin_kv")
      .select("key")
      .where("plugin_id", "=", pluginId)
      .where("key", ">=", start)
      .$if(end !== null, (bounded) => bounded.where("key", "<", end))
      .orderBy("key")
      .limit(limit + 1);
    const keys = this.#connection.all(query.compile()).map(({ key }) => key);
    return { keys: keys.slice(0, limit), more: keys.length > limit };
  }
}

/** `bun:sqlite` would store U+FFFD in place of a lone surrogate: two keys could become one. */
function requireUtf8(what: string, text: string): void {
  if (text.isWellFormed()) return;
  const message = `the ${what} holds a lone surrogate, which UTF-8 cannot carry; send well-formed text, or base64`;
  throw new StorageError("not_utf8", message);
}
