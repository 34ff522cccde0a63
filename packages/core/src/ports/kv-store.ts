/** Key-value pairs, one namespace a plugin. What `set` and `delete` have answered survives a kill of the host. */
export interface KvStore {
  get(pluginId: string, key: string): Promise<string | null>;
  set(pluginId: string, key: string, value: string): Promise<void>;
  /** Deleting what is not there is no error. */
  delete(pluginId: string, key: string): Promise<void>;
  /** Keys that start with `prefix` and sort (by UTF-8 bytes) behind `after`, at most `limit`; `more` where others follow. */
  list(
    pluginId: string,
    page: { prefix: string; after: string | null; limit: number },
  ): Promise<{ keys: string[]; more: boolean }>;
}
