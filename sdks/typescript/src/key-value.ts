/** Longest key, in bytes of UTF-8. */
export const KV_MAX_KEY_BYTES = 512;
/** Largest value, in bytes of UTF-8: 1 MiB. */
export const KV_MAX_VALUE_BYTES = 1024 * 1024;
/** Most keys that one `list` returns. */
export const KV_MAX_LIST_LIMIT = 1000;

const DEFAULT_LIST_LIMIT = 100;

/** The plugin's own keys in the host's store. What `set` has resolved for survives a kill of the host. */
export interface KeyValue {
  /** Null where there is no such key. */
  get(key: string): Promise<string | null>;
  /** A key has 1 to 512 bytes, a value at most 1 MiB, both in UTF-8. */
  set(key: string, value: string): Promise<void>;
  /** Also where there is no such key. */
  delete(key: string): Promise<void>;
  /** In the order of the keys' bytes. For the next ones pass the last key as `after`. */
  list(query?: KvQuery): Promise<KvKeys>;
}

export interface KvQuery {
  /** Only keys that start so. */
  prefix?: string;
  /** Only keys behind this one. */
  after?: string | null;
  /** At most this many keys: 1 to 1000, 100 where none is said. */
  limit?: number;
}

export interface KvKeys {
  keys: string[];
  /** Whether there are more behind the last one. */
  more: boolean;
}

export type KvOperation =
  | { action: "get"; key: string }
  | { action: "set"; key: string; value: string }
  | { action: "delete"; key: string }
  | { action: "list"; prefix: string; after: string | null; limit: number };

/**
 * - `invalid_key`, `value_too_large`, `invalid_request`: a limit was broken; the message says which
 * - `not_connected`: the host was not connected for 5 s
 * - `timeout`: no answer within 5 s
 * - `busy`: 1024 requests wait already
 * - `invalid_reply`: the host answered by something that is no answer
 *
 * The host may refuse with a code of its own.
 */
export type KvErrorCode =
  | "invalid_key"
  | "value_too_large"
  | "invalid_request"
  | "not_connected"
  | "timeout"
  | "busy"
  | "invalid_reply"
  | (string & {});

/** A key-value request that failed. */
export class KvError extends Error {
  override readonly name = "KvError";
  readonly code: KvErrorCode;

  constructor(code: KvErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The four calls on whatever answers an operation. What breaks a limit is refused before it is sent. */
export function keyValue(ask: (operation: KvOperation) => Promise<unknown>): KeyValue {
  const send = async (operation: KvOperation) => {
    check(operation);
    return readAnswer(operation.action, (await ask(operation)) as Answer);
  };
  return {
    get: async (key) => (await send({ action: "get", key })).value ?? null,
    set: async (key, value) => void (await send({ action: "set", key, value })),
    delete: async (key) => void (await send({ action: "delete", key })),
    list: async ({ prefix = "", after = null, limit = DEFAULT_LIST_LIMIT } = {}) => {
      const { keys = [], more = false } = await send({ action: "list", prefix, after, limit });
      return { keys, more };
    },
  };
}

type Answer = { value?: string | null } & Partial<KvKeys>;

function readAnswer(action: KvOperation["action"], answer: Answer): Answer {
  const { value, keys } = answer;
  const isRight = action === "list" ? Array.isArray(keys) : value === null || typeof value === "string";
  if (!isRight) throw new KvError("invalid_reply", `the host answered ${action} by something that is no answer to it`);
  return answer;
}

function check(operation: KvOperation): void {
  if (operation.action === "list") return checkList(operation);
  const { key } = operation;
  if (!isText(key)) throw new KvError("invalid_key", "a key is a string that UTF-8 can carry");
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes < 1 || keyBytes > KV_MAX_KEY_BYTES) {
    throw new KvError("invalid_key", `the key has ${keyBytes} bytes; allowed are 1 to ${KV_MAX_KEY_BYTES}`);
  }
  if (operation.action !== "set") return;
  const { value } = operation;
  if (!isText(value)) {
    throw new KvError("invalid_request", "a value is a string that UTF-8 can carry; make one with JSON.stringify");
  }
  const valueBytes = Buffer.byteLength(value);
  if (valueBytes <= KV_MAX_VALUE_BYTES) return;
  const message = `the value has ${valueBytes} bytes; at most ${KV_MAX_VALUE_BYTES} can be stored under one key`;
  throw new KvError("value_too_large", message);
}

function checkList({ prefix, after, limit }: KvOperation & { action: "list" }): void {
  const isLimit = Number.isInteger(limit) && limit >= 1 && limit <= KV_MAX_LIST_LIMIT;
  if (isText(prefix) && (after === null || isText(after)) && isLimit) return;
  const message = `list takes a prefix (string), after (string or null) and a limit of 1 to ${KV_MAX_LIST_LIMIT}`;
  throw new KvError("invalid_request", message);
}

/** No lone surrogate: UTF-8 has no bytes for it. */
function isText(value: unknown): value is string {
  return typeof value === "string" && !/\p{Surrogate}/u.test(value);
}
