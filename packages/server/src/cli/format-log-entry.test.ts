import { describe, expect, test } from "bun:test";
import { formatLogEntry, printable } from "./format-log-entry.ts";

const TIMESTAMP = "2026-01-02T03:04:05.678Z";

describe("formatLogEntry", () => {
  test("time, level and message stand in columns", () => {
    const lines = [
      formatLogEntry({ timestamp: TIMESTAMP, level: "info", message: "hello" }),
      formatLogEntry({ timestamp: TIMESTAMP, level: "error", message: "hello" }),
    ];
    expect(lines).toEqual([`${TIMESTAMP} INFO  hello`, `${TIMESTAMP} ERROR hello`]);
  });

  test("an error and fields follow the message", () => {
    const line = formatLogEntry({ timestamp: TIMESTAMP, level: "warn", message: "m", error: "e", fields: { n: 1 } });
    expect(line).toBe(`${TIMESTAMP} WARN  m error=e {"n":1}`);
  });
});

describe("printable", () => {
  test("nothing that a plugin wrote steers the terminal", () => {
    expect(printable("\u001b[31mred\u001b[0m")).toBe("red");
    expect(printable("\u001b]0;title\u0007text")).toBe("text");
    expect(printable("a\rb\bc\u0007d\u007fe\u009bf")).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });

  test("text in any script stays as it is, with its tabs and line breaks", () => {
    expect(printable("Grüße\t日本語\n👋🏽")).toBe("Grüße\t日本語\n👋🏽");
  });
});
