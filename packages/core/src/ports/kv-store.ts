/** Most that one plugin may store, in bytes of UTF-8, keys and values together: 64 MiB. */
export const KV_QUOTA_BYTES = 64 * 1024 * 1024;

/** Key-value pairs, one namespace a plugin. What `set` and `delete` have answered survives a kill of the host. */
export interface KvStore {
  get(pluginId: string, key: string): Promise<string | null>;
  /** Rejects with a StorageError, `quota_exceeded`, where the plugin would have more than `KV_QUOTA_BYTES` and more than before. */
  set(pluginId: string, key: string, value: string): Promise<void>;
  /** Deleting what is not there is no error. */
  delete(pluginId: string, key: string): Promise<void>;
  /** Keys that start with `prefix` and sort (by UTF-8 bytes) behind `after`, at most `limit`; `more` where others follow. */
  list(
    pluginId: string,
    page: { prefix: string; after: string | null; limit: number },
  ): Promise<{ keys: string[]; more: boolean }>;
}
