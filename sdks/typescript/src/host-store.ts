import { KvError, keyValue, type KeyValue, type KvOperation } from "./key-value.ts";

type Ask = (operation: KvOperation) => Promise<unknown>;

const nobody: Ask = () => {
  const message = "the host has not connected yet; use the store in init, in fetch, or later";
  return Promise.reject(new KvError("not_connected", message));
};

let ask = nobody;

/** Names who answers key-value requests from now on. */
export function connectStore(next: Ask): void {
  ask = next;
}

/** The plugin's keys in the host's store. The same as `context.kv`, for code that has no context at hand. */
export const kv: KeyValue = keyValue((operation) => ask(operation));
