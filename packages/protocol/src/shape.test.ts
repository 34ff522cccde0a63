import { describe, expect, test } from "bun:test";
import { ProtocolError } from "./protocol-error.ts";
import {
  MAX_NESTING_LEVELS,
  nestsDeeperThan,
  toEnvelope,
  toHeaders,
  toLogLevel,
  toLogMessage,
  toRemoteError,
} from "./shape.ts";

function nested(levels: number): unknown {
  return JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);
}

describe("toEnvelope", () => {
  const message = { type: "http", timestamp: "t", request_id: "1", payload: { a: 1 } };

  test("keeps the four fields and leaves the rest", () => {
    expect(toEnvelope({ ...message, extra: 1 })).toEqual({
      type: "http",
      timestamp: "t",
      request_id: "1",
      payload: { a: 1 },
    });
  });

  test("a request_id of null counts as none, and no timestamp is missed", () => {
    expect(toEnvelope({ type: "log", request_id: null, payload: {} })).toEqual({
      type: "log",
      timestamp: "",
      payload: {},
    });
  });

  test("an unknown type is named, but never at length", () => {
    expect(() => toEnvelope({ ...message, type: "metrics" })).toThrow('"metrics"; known are lifecycle, http, kv, log');
    for (const type of [undefined, null, 1, nested(100_000), "x".repeat(1e6), "constructor", "__proto__"]) {
      expect(() => toEnvelope({ ...message, type })).toThrow(ProtocolError);
      expect(() => toEnvelope({ ...message, type })).toThrow(/^.{1,200}$/);
    }
  });
});

describe("toHeaders", () => {
  const plain = (value: unknown) => JSON.stringify(toHeaders(value));

  test("takes strings, lists of strings, numbers and booleans, and leaves null out", () => {
    expect(plain({ A: "x", b: ["y", "z"], c: 1, d: true, e: null })).toBe('{"a":"x","b":["y","z"],"c":"1","d":"true"}');
    expect(plain(null)).toBe("{}");
    expect(plain(undefined)).toBe("{}");
  });

  test("names that differ only in case are one header, no value is lost", () => {
    expect(plain({ "Set-Cookie": "a=1", "set-cookie": "b=2", "SET-COOKIE": ["c=3"] })).toBe(
      '{"set-cookie":["a=1","b=2","c=3"]}',
    );
  });

  test("names of a prototype are headers like any other", () => {
    expect(plain(JSON.parse('{"__proto__":"x","constructor":"y"}'))).toBe('{"__proto__":"x","constructor":"y"}');
  });

  test("is null for anything else", () => {
    for (const value of ["a", 1, [], { a: {} }, { a: [1] }, { a: ["x", null] }]) expect(toHeaders(value)).toBeNull();
  });
});

describe("toRemoteError", () => {
  test("reads the error of a failed request, complete or not", () => {
    expect(toRemoteError({ error: { code: "c", message: "m" } })).toEqual({ code: "c", message: "m" });
    expect(toRemoteError({ error: { message: "m" } })).toEqual({ code: "error", message: "m" });
    expect(toRemoteError({ error: "m" })).toEqual({ code: "error", message: "m" });
  });

  test("is null where there is none", () => {
    for (const payload of [null, "x", [], {}, { error: null }, { status: 200 }])
      expect(toRemoteError(payload)).toBeNull();
  });
});

describe("toLogMessage", () => {
  test("reads the direct and the wrapped form", () => {
    const log = { level: "error", message: "m", error: "e", fields: { a: 1 } };
    expect(toLogMessage(log)).toEqual(log as never);
    expect(toLogMessage({ type: "log", payload: log })).toEqual(log as never);
  });

  test("knows the names that logging libraries use; the rest counts as info", () => {
    expect(["TRACE", "Warning", "fatal", "debug"].map(toLogLevel)).toEqual(["debug", "warn", "error", "debug"]);
    for (const level of ["constructor", "__proto__", "verbose", "", 3, null, undefined]) {
      expect(toLogLevel(level)).toBeNull();
      expect(toLogMessage({ level, message: "m" }).level).toBe("info");
    }
  });

  test("what is not text is its JSON text", () => {
    expect(toLogMessage({ message: { a: 1 }, error: ["e"], fields: "f" })).toEqual({
      level: "info",
      message: '{"a":1}',
      error: '["e"]',
    });
  });

  test("nesting that could not be written out again is a fault of the peer", () => {
    const fields = { a: nested(MAX_NESTING_LEVELS - 1) };
    expect(toLogMessage({ message: "m", fields }).fields).toEqual(fields);
    for (const levels of [MAX_NESTING_LEVELS, 100_000]) {
      expect(() => toLogMessage({ message: "m", fields: { a: nested(levels) } })).toThrow(ProtocolError);
    }
    for (const field of ["message", "error"]) {
      expect(() => toLogMessage({ [field]: nested(MAX_NESTING_LEVELS + 1) })).toThrow(ProtocolError);
    }
  });
});

test("nestsDeeperThan counts objects and lists", () => {
  expect(nestsDeeperThan("x", 0)).toBe(false);
  expect([nestsDeeperThan({}, 0), nestsDeeperThan([], 1)]).toEqual([true, false]);
  expect([nestsDeeperThan(nested(5), 4), nestsDeeperThan(nested(5), 5)]).toEqual([true, false]);
  expect(nestsDeeperThan({ a: 1, b: { c: [null] } }, 2)).toBe(true);
});
