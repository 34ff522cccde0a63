import type { Database, Statement } from "bun:sqlite";
import { KV_QUOTA_BYTES, StorageError } from "@toru/core";

const BYTES = "octet_length(key) + octet_length(value)";

/** How much each plugin stores, counted along. Summed up once, since nobody else writes while the host runs. */
export class KvUsage {
  readonly #sum: Statement<{ bytes: number }, [string]>;
  readonly #one: Statement<{ bytes: number }, [string, string]>;
  readonly #known = new Map<string, number>();

  constructor(database: Database) {
    this.#sum = database.prepare(`SELECT coalesce(sum(${BYTES}), 0) AS bytes FROM plugin_kv WHERE plugin_id = ?`);
    this.#one = database.prepare(`SELECT ${BYTES} AS bytes FROM plugin_kv WHERE plugin_id = ? AND key = ?`);
  }

  /** Runs `write`, which puts `value` in the place of what the key has (null: nothing). Throws `quota_exceeded` instead. */
  replace(pluginId: string, key: string, value: string | null, write: () => void): void {
    const known = this.#known.get(pluginId) ?? this.#sum.get(pluginId)?.bytes ?? 0;
    const before = this.#one.get(pluginId, key)?.bytes ?? 0;
    const after = value === null ? 0 : Buffer.byteLength(key) + Buffer.byteLength(value);
    const total = known - before + after;
    if (after > before && total > KV_QUOTA_BYTES) throw quotaExceeded(pluginId, total);
    write();
    this.#known.set(pluginId, total);
  }

  /** For when writes were taken back: sums up again. */
  forget(): void {
    this.#known.clear();
  }
}

function quotaExceeded(pluginId: string, bytes: number): StorageError {
  const message = `with this value ${pluginId} would store ${bytes} bytes; at most ${KV_QUOTA_BYTES} are allowed`;
  return new StorageError(
    "quota_exceeded",
    `${message}; delete what is not needed, or keep it in the plugin's data folder`,
  );
}
