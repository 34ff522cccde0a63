import type { KvAnswer } from "../plugin.ts";
import type { KvOperation } from "../key-value.ts";

/** Answers key-value requests out of a map, as the host does out of its store. */
export function answerFromMap(store: Map<string, string>, operation: KvOperation): KvAnswer {
  switch (operation.action) {
    case "get":
      return { value: store.get(operation.key) ?? null };
    case "set":
      store.set(operation.key, operation.value);
      return { value: null };
    case "delete":
      store.delete(operation.key);
      return { value: null };
    case "list":
      return list(store, operation);
  }
}

function list(store: Map<string, string>, { prefix, after, limit }: KvOperation & { action: "list" }): KvAnswer {
  const bytes = (text: string) => Buffer.from(text);
  const isBehind = (key: string) => after === null || bytes(key).compare(bytes(after)) > 0;
  const found = [...store.keys()].filter((key) => key.startsWith(prefix) && isBehind(key));
  found.sort((a, b) => bytes(a).compare(bytes(b)));
  return { keys: found.slice(0, limit), more: found.length > limit };
}
