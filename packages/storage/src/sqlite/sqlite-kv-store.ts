import type { Database, Statement } from "bun:sqlite";
import { type KvStore, StorageError } from "@toru/core";
import type { GroupCommit } from "./group-commit.ts";
import { KvUsage } from "./kv-usage.ts";
import { keyRange } from "./key-range.ts";

/** Plugins call these thousands of times a second: every statement is prepared once, and writes are committed in groups. */
export class SqliteKvStore implements KvStore {
  readonly #group: GroupCommit;
  readonly #usage: KvUsage;
  readonly #get: Statement<{ value: string }, [string, string]>;
  readonly #set: Statement<unknown, [string, string, string]>;
  readonly #delete: Statement<unknown, [string, string]>;
  readonly #list: Statement<{ key: string }, [string, string, number]>;
  readonly #listBefore: Statement<{ key: string }, [string, string, string, number]>;

  constructor(database: Database, group: GroupCommit) {
    this.#group = group;
    this.#usage = new KvUsage(database);
    group.onRollback = () => this.#usage.forget();
    this.#get = database.prepare("SELECT value FROM plugin_kv WHERE plugin_id = ? AND key = ?");
    this.#set = database.prepare(
      `INSERT INTO plugin_kv (plugin_id, key, value) VALUES (?, ?, ?)
       ON CONFLICT (plugin_id, key) DO UPDATE SET value = excluded.value`,
    );
    this.#delete = database.prepare("DELETE FROM plugin_kv WHERE plugin_id = ? AND key = ?");
    const keys = "SELECT key FROM plugin_kv WHERE plugin_id = ? AND key >= ?";
    this.#list = database.prepare(`${keys} ORDER BY key LIMIT ?`);
    this.#listBefore = database.prepare(`${keys} AND key < ? ORDER BY key LIMIT ?`);
  }

  async get(pluginId: string, key: string): Promise<string | null> {
    requireUtf8("key", key);
    return this.#group.read(pluginId, () => this.#get.get(pluginId, key)?.value ?? null);
  }

  async set(pluginId: string, key: string, value: string): Promise<void> {
    requireUtf8("key", key);
    requireUtf8("value", value);
    await this.#group.write(pluginId, () =>
      this.#usage.replace(pluginId, key, value, () => this.#set.run(pluginId, key, value)),
    );
  }

  async delete(pluginId: string, key: string): Promise<void> {
    requireUtf8("key", key);
    await this.#group.write(pluginId, () =>
      this.#usage.replace(pluginId, key, null, () => this.#delete.run(pluginId, key)),
    );
  }

  async list(
    pluginId: string,
    { prefix, after, limit }: { prefix: string; after: string | null; limit: number },
  ): Promise<{ keys: string[]; more: boolean }> {
    requireUtf8("prefix", prefix);
    requireUtf8("after", after ?? "");
    const { start, end } = keyRange(prefix, after);
    const rows = await this.#group.read(pluginId, () =>
      end === null ? this.#list.all(pluginId, start, limit + 1) : this.#listBefore.all(pluginId, start, end, limit + 1),
    );
    return { keys: rows.slice(0, limit).map(({ key }) => key), more: rows.length > limit };
  }
}

/** `bun:sqlite` would store U+FFFD in place of a lone surrogate: two keys could become one. */
function requireUtf8(what: string, text: string): void {
  if (text.isWellFormed()) return;
  const message = `the ${what} holds a lone surrogate, which UTF-8 cannot carry; send well-formed text, or base64`;
  throw new StorageError("not_utf8", message);
}
