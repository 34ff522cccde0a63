import { isObject, type JsonObject } from "../codec/message.ts";

const MAX_KEY_BYTES = 512;
const MAX_VALUE_BYTES = 1024 * 1024;
const DEFAULT_KEYS = 100;
const MAX_KEYS = 1000;

/** The store that the host keeps for the plugin, in memory. */
export class KvStore {
  readonly #values = new Map<string, string>();

  /** Performs one request of version 2 and returns the payload of its reply. */
  perform(request: JsonObject): JsonObject {
    const { action, key, value } = request;
    if (action === "list") return this.#list(request);
    if (action !== "get" && action !== "set" && action !== "delete") {
      return refusal("invalid_request", "action is none of get, set, delete, list");
    }
    if (typeof key !== "string" || key === "" || Buffer.byteLength(key) > MAX_KEY_BYTES) {
      return refusal("invalid_key", `a key is a string of 1 to ${MAX_KEY_BYTES} bytes`);
    }
    if (action === "get") return { value: this.#values.get(key) ?? null };
    if (action === "delete") this.#values.delete(key);
    if (action === "set") {
      if (typeof value !== "string") return refusal("invalid_request", "a value is a string");
      if (Buffer.byteLength(value) > MAX_VALUE_BYTES) return refusal("value_too_large", "a value has at most 1 MiB");
      this.#values.set(key, value);
    }
    return { value: null };
  }

  /** The same in the shapes of version 1, where the fields may be in `payload` and an action has a capital. */
  performV1(payload: JsonObject): JsonObject {
    const request = isObject(payload["payload"]) ? payload["payload"] : payload;
    const action = typeof request["action"] === "string" ? request["action"].toLowerCase() : null;
    return this.perform({ ...request, action });
  }

  #list({ prefix = "", after = null, limit = DEFAULT_KEYS }: JsonObject): JsonObject {
    if (typeof prefix !== "string" || (after !== null && typeof after !== "string")) {
      return refusal("invalid_request", "prefix is a string, after a string or null");
    }
    if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > MAX_KEYS) {
      return refusal("invalid_request", `limit is 1 to ${MAX_KEYS}`);
    }
    const found = [...this.#values.keys()]
      .filter((key) => key.startsWith(prefix) && (after === null || compareBytes(key, after) > 0))
      .sort(compareBytes);
    return { keys: found.slice(0, limit), more: found.length > limit };
  }
}

function refusal(code: string, message: string): JsonObject {
  return { error: { code, message } };
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
