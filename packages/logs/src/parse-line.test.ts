import { expect, test } from "bun:test";
import { MAX_READ_LINE_BYTES, parseLine } from "./parse-line.ts";

const parse = (text: string) => parseLine(Buffer.from(text), "acme");

test("a line that a version 1 plugin appends itself is read", () => {
  expect(parse('{"timestamp":"2026-01-31T12:00:00.123456789+01:00","level":"INFO","message":"hi"}\r')).toEqual({
    timestamp: "2026-01-31T11:00:00.123Z",
    level: "info",
    plugin: "acme",
    message: "hi",
  });
  expect(parse('  {"message": "hi", "error": {"a": 1}, "timestamp": "2026-01-31 12:00:00"}')).toEqual({
    timestamp: "2026-01-31T12:00:00.000Z",
    level: "info",
    plugin: "acme",
    message: "hi",
    error: '{"a":1}',
  });
});

test("levels of other names are mapped", () => {
  const level = (name: unknown) =>
    parse(JSON.stringify({ timestamp: "2026-01-31T12:00:00Z", message: "m", level: name }))?.level;
  expect(["trace", "DEBUG", "Warning", "fatal", "CRITICAL", "Error", "verbose", 30, null].map(level)).toEqual([
    "debug",
    "debug",
    "warn",
    "error",
    "error",
    "error",
    "info",
    "info",
    "info",
  ]);
});

test("everything else is passed over", () => {
  const time = '"timestamp":"2026-01-31T12:00:00Z"';
  const foreign = [
    "",
    "plain text",
    "[]",
    "null",
    "{",
    `{${time}}`,
    `{${time},"message":1}`,
    '{"message":"m"}',
    '{"timestamp":"yesterday","message":"m"}',
    '{"timestamp":"2026-13-31T12:00:00Z","message":"m"}',
    '{"timestamp":1769860800000,"message":"m"}',
    `{${time},"message":"${"m".repeat(MAX_READ_LINE_BYTES)}"}`,
    `{${time},"mess{${time},"message":"m"}`,
  ];
  expect(foreign.map(parse)).toEqual(foreign.map(() => null));
});

test("bytes that are not UTF-8 are replaced", () => {
  const line = Buffer.concat([
    Buffer.from('{"timestamp":"2026-01-31T12:00:00Z","message":"a'),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('b"}'),
  ]);
  expect(parseLine(line, "acme")?.message).toBe("a\ufffd\ufffdb");
});
