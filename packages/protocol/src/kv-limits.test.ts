import { describe, expect, test } from "bun:test";
import { KV_MAX_KEY_BYTES, KV_MAX_LIST_LIMIT, KV_MAX_VALUE_BYTES, parseKvOperation } from "./kv-limits.ts";
import type { KvOperation } from "./messages.ts";

function accepted(input: unknown): KvOperation {
  const result = parseKvOperation(input);
  if (!result.ok) throw new Error(result.error.message);
  return result.operation;
}

function refusal(input: unknown): string | null {
  const result = parseKvOperation(input);
  return result.ok ? null : result.error.code;
}

describe("parseKvOperation", () => {
  test("reads the four actions, in any case", () => {
    expect(accepted({ action: "get", key: "k" })).toEqual({ action: "get", key: "k" });
    expect(accepted({ action: "Set", key: "k", value: "" })).toEqual({ action: "set", key: "k", value: "" });
    expect(accepted({ action: "DELETE", key: "k", value: null })).toEqual({ action: "delete", key: "k" });
    expect(accepted({ action: "list" })).toEqual({ action: "list", prefix: "", after: null, limit: 100 });
    const page = { action: "list", prefix: "a", after: "ab", limit: 7 };
    expect(accepted(page)).toEqual(page as KvOperation);
  });

  test("keys have 1 to 512 bytes, not characters", () => {
    for (const key of ["k", "k".repeat(KV_MAX_KEY_BYTES), "é".repeat(KV_MAX_KEY_BYTES / 2), "\0", "__proto__"]) {
      expect(accepted({ action: "get", key })).toEqual({ action: "get", key });
    }
    for (const key of [
      "",
      "k".repeat(KV_MAX_KEY_BYTES + 1),
      `${"é".repeat(KV_MAX_KEY_BYTES / 2)}k`,
      7,
      null,
      undefined,
    ]) {
      for (const action of ["get", "set", "delete"]) {
        expect(refusal({ action, key, value: "" })).toBe("invalid_key");
      }
    }
  });

  test("values have at most 1 MiB, in bytes", () => {
    const key = "k";
    expect(refusal({ action: "set", key, value: "v".repeat(KV_MAX_VALUE_BYTES) })).toBeNull();
    expect(refusal({ action: "set", key, value: "é".repeat(KV_MAX_VALUE_BYTES / 2) })).toBeNull();
    expect(refusal({ action: "set", key, value: "v".repeat(KV_MAX_VALUE_BYTES + 1) })).toBe("value_too_large");
    expect(refusal({ action: "set", key, value: `${"é".repeat(KV_MAX_VALUE_BYTES / 2)}v` })).toBe("value_too_large");
  });

  test("a value is a string", () => {
    for (const value of [undefined, null, 1, {}, ["v"]]) {
      expect(refusal({ action: "set", key: "k", value })).toBe("invalid_request");
    }
  });

  test("lone surrogates, which UTF-8 cannot carry, are refused wherever they stand", () => {
    expect(refusal({ action: "get", key: "\ud800" })).toBe("invalid_key");
    expect(refusal({ action: "set", key: "k", value: "\udc00" })).toBe("invalid_request");
    expect(refusal({ action: "list", prefix: "\ud800" })).toBe("invalid_request");
    expect(refusal({ action: "list", after: "\ud800" })).toBe("invalid_request");
  });

  test("a list has 1 to 1000 keys", () => {
    expect(refusal({ action: "list", limit: 1 })).toBeNull();
    expect(refusal({ action: "list", limit: KV_MAX_LIST_LIMIT })).toBeNull();
    for (const limit of [0, -1, KV_MAX_LIST_LIMIT + 1, 1.5, Number.NaN, "10", null]) {
      expect(refusal({ action: "list", limit })).toBe("invalid_request");
    }
    expect(refusal({ action: "list", prefix: 1 })).toBe("invalid_request");
    expect(refusal({ action: "list", after: 1 })).toBe("invalid_request");
  });

  test("what is no request is refused, with a short message whatever was sent", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    const inputs = [null, "get", [], {}, { action: 1 }, { action: deep }, { action: "x".repeat(100_000) }];
    for (const input of [...inputs, { action: "constructor", key: "k" }]) {
      const result = parseKvOperation(input);
      expect(result.ok ? null : result.error.code).toBe("invalid_request");
      expect(result.ok ? "" : result.error.message).toMatch(/^.{1,200}$/);
    }
  });
});
