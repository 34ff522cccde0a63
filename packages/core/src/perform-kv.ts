import type { KvOperation, KvResult } from "@toru/protocol";
import type { KvStore } from "./ports/kv-store.ts";

/** Does what a kv request asks for, in the namespace of one plugin. */
export async function performKv(store: KvStore, pluginId: string, operation: KvOperation): Promise<KvResult> {
  switch (operation.action) {
    case "get":
      return { value: await store.get(pluginId, operation.key) };
    case "set":
      await store.set(pluginId, operation.key, operation.value);
      return { value: null };
    case "delete":
      await store.delete(pluginId, operation.key);
      return { value: null };
    case "list":
      return store.list(pluginId, operation);
  }
}
