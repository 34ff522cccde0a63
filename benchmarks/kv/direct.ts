import { Database } from "bun:sqlite";
import type { KvOperation } from "@toru/protocol";
import { operation, type Kind } from "./operations.ts";

const PLUGIN = "direct";

/** The host's database without the host: its pragmas and statements, each run as soon as the one before has ended. */
export class DirectSqlite implements Disposable {
  readonly #database: Database;
  readonly #perform: (operation: KvOperation) => void;

  constructor(file: string) {
    this.#database = new Database(file, { readwrite: true, create: false, strict: true });
    for (const pragma of ["busy_timeout = 5000", "journal_size_limit = 16777216", "synchronous = NORMAL"]) {
      this.#database.run(`PRAGMA ${pragma}`);
    }
    this.#perform = prepare(this.#database);
  }

  /** Operations a second, so many of them in one transaction. */
  run(kind: Kind, count: number, together: number): number {
    const startedAt = performance.now();
    for (let done = 0; done < count; done += together) {
      if (together > 1) this.#database.run("BEGIN IMMEDIATE");
      const end = Math.min(count, done + together);
      for (let index = done; index < end; index += 1) this.#perform(operation(kind, index));
      if (together > 1) this.#database.run("COMMIT");
    }
    return (count / (performance.now() - startedAt)) * 1000;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function prepare(database: Database): (operation: KvOperation) => void {
  const get = database.prepare("SELECT value FROM plugin_kv WHERE plugin_id = ? AND key = ?");
  const set = database.prepare(
    `INSERT INTO plugin_kv (plugin_id, key, value) VALUES (?, ?, ?)
     ON CONFLICT (plugin_id, key) DO UPDATE SET value = excluded.value`,
  );
  const remove = database.prepare("DELETE FROM plugin_kv WHERE plugin_id = ? AND key = ?");
  const list = database.prepare(
    "SELECT key FROM plugin_kv WHERE plugin_id = ? AND key > ? AND key < 'key.' ORDER BY key LIMIT ?",
  );
  return (operation) => {
    switch (operation.action) {
      case "get":
        return void get.get(PLUGIN, operation.key);
      case "set":
        return void set.run(PLUGIN, operation.key, operation.value);
      case "delete":
        return void remove.run(PLUGIN, operation.key);
      case "list":
        return void list.all(PLUGIN, operation.after, operation.limit);
    }
  };
}
