import type { KvOperation } from "./messages.ts";
import { isObject, quote } from "./shape.ts";

/** Longest key, in bytes of UTF-8. */
export const KV_MAX_KEY_BYTES = 512;
/** Largest value, in bytes of UTF-8: 1 MiB. */
export const KV_MAX_VALUE_BYTES = 1024 * 1024;
/** Most keys that one `list` returns. */
export const KV_MAX_LIST_LIMIT = 1000;
const KV_DEFAULT_LIST_LIMIT = 100;

export type KvInputError = { code: "invalid_request" | "invalid_key" | "value_too_large"; message: string };

/** Reads a kv request from what a plugin or a client sent; a refusal says which limit it broke. */
export function parseKvOperation(
  input: unknown,
): { ok: true; operation: KvOperation } | { ok: false; error: KvInputError } {
  const fail = (code: KvInputError["code"], message: string) => ({ ok: false, error: { code, message } }) as const;
  if (!isObject(input)) return fail("invalid_request", "a kv request is a JSON object with an action");
  const action = typeof input["action"] === "string" ? input["action"].toLowerCase() : "";
  if (action === "list") return parseList(input);
  if (action !== "get" && action !== "set" && action !== "delete") {
    return fail("invalid_request", `unknown action ${quote(input["action"])}; use get, set, delete or list`);
  }
  const key = input["key"];
  if (typeof key !== "string")
    return fail("invalid_key", `${action} wants a key: a string of 1 to ${KV_MAX_KEY_BYTES} bytes`);
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes < 1 || keyBytes > KV_MAX_KEY_BYTES) {
    return fail("invalid_key", `the key has ${keyBytes} bytes; allowed are 1 to ${KV_MAX_KEY_BYTES}`);
  }
  if (!key.isWellFormed()) return fail("invalid_key", "the key holds a lone surrogate, which UTF-8 cannot carry");
  if (action !== "set") return { ok: true, operation: { action, key } };
  const value = input["value"];
  if (typeof value !== "string") return fail("invalid_request", "set wants a value: a string of at most 1 MiB");
  const valueBytes = Buffer.byteLength(value);
  if (valueBytes > KV_MAX_VALUE_BYTES) {
    return fail("value_too_large", `the value has ${valueBytes} bytes; at most ${KV_MAX_VALUE_BYTES} can be stored`);
  }
  if (!value.isWellFormed())
    return fail("invalid_request", "the value holds a lone surrogate, which UTF-8 cannot carry");
  return { ok: true, operation: { action, key, value } };
}

function parseList(input: Record<string, unknown>): ReturnType<typeof parseKvOperation> {
  const { prefix = "", after = null, limit = KV_DEFAULT_LIST_LIMIT } = input;
  const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed();
  const isLimit = typeof limit === "number" && Number.isInteger(limit) && limit >= 1 && limit <= KV_MAX_LIST_LIMIT;
  if (!isText(prefix) || (after !== null && !isText(after)) || !isLimit) {
    const message = `list takes a prefix (string), after (string or null) and a limit of 1 to ${KV_MAX_LIST_LIMIT}`;
    return { ok: false, error: { code: "invalid_request", message } };
  }
  return { ok: true, operation: { action: "list", prefix, after, limit } };
}
