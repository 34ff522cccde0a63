import { type KvStore, type LogWriter, performKv, StorageError } from "@toru/core";
import { parseKvOperation } from "@toru/protocol";
import type { PluginServices } from "../link/plugin-link.ts";

/** What one plugin may ask of the host: its own namespace, its own log. */
export function pluginServices(
  pluginId: string,
  store: KvStore,
  log: LogWriter,
  { warn, othersAreAsked }: Pick<PluginServices, "warn" | "othersAreAsked">,
): PluginServices {
  return {
    warn,
    othersAreAsked,
    log: (message) => log.write(message),
    async kv(input) {
      const parsed = parseKvOperation(input);
      if (!parsed.ok) return parsed;
      try {
        return { ok: true, value: await performKv(store, pluginId, parsed.operation) };
      } catch (error) {
        if (error instanceof StorageError && error.code === "quota_exceeded")
          return { ok: false, error: { code: error.code, message: error.message } };
        const cause = error instanceof Error ? error.message : String(error);
        warn(`a kv ${parsed.operation.action} failed: ${cause}`);
        return { ok: false, error: { code: "storage_failed", message: `the host could not do it: ${cause}` } };
      }
    },
  };
}
