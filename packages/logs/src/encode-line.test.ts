import { expect, test } from "bun:test";
import { encodeLine, MAX_LINE_BYTES } from "./encode-line.ts";

const TIME = "2026-01-31T12:00:00.000Z";

function decode(line: string): Record<string, unknown> {
  expect(line.endsWith("\n")).toBe(true);
  expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  expect(line.isWellFormed()).toBe(true);
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LINE_BYTES);
  return JSON.parse(line) as Record<string, unknown>;
}

test("the keys come in the documented order", () => {
  const line = encodeLine(TIME, "acme", { fields: { a: 1 }, error: "e", message: "m", level: "warn" });
  expect(line).toBe(
    `{"timestamp":"${TIME}","level":"warn","plugin":"acme","message":"m","error":"e","fields":{"a":1}}\n`,
  );
  expect(encodeLine(TIME, "acme", { message: "m", level: "info" })).toBe(
    `{"timestamp":"${TIME}","level":"info","plugin":"acme","message":"m"}\n`,
  );
});

test("no control code, line separator or lone surrogate breaks a line", () => {
  const message = 'a\nb\r\0\u001b[31m\u007f\u0085\u009b\u2028\u2029\t"\\';
  expect(decode(encodeLine(TIME, "acme", { level: "info", message }))["message"]).toBe(message);
  const entry = { level: "info", message: "x\ud800y", error: "\udc00", fields: { "\ud801": "\\ud800 😀" } } as const;
  expect(decode(encodeLine(TIME, "acme", entry))).toMatchObject({
    message: "x\ufffdy",
    error: "\ufffd",
    fields: { "\ufffd": "\\ud800 😀" },
  });
});

test("a line over the limit is cut, stays valid and tells how much is missing", () => {
  for (const unit of ["x", "é", "€", "😀", "\0", "\u2028", '"', "\ud800"]) {
    for (let length = 1; length <= 300_000; length *= 5) {
      const message = `ab${unit.repeat(length)}`;
      const decoded = decode(encodeLine(TIME, "acme", { level: "info", message, error: "boom", fields: { kept: 1 } }));
      const kept = decoded["message"] as string;
      expect(message.toWellFormed().startsWith(kept)).toBe(true);
      if (kept === message.toWellFormed()) continue;
      const missing = Buffer.byteLength(message) - Buffer.byteLength(kept);
      expect(decoded).toMatchObject({ error: "boom", fields: { kept: 1, truncated_bytes: missing } });
      expect(Buffer.byteLength(JSON.stringify(kept))).toBeGreaterThan(2_000);
    }
  }
});

test("a long error and long fields are cut too", () => {
  const entry = {
    level: "error",
    message: "m".repeat(50_000),
    error: "e".repeat(50_000),
    fields: { f: "f".repeat(50_000) },
  };
  const decoded = decode(encodeLine(TIME, "p".repeat(1_000), { ...entry, level: "error" }));
  expect(decoded["fields"]).toEqual({ truncated_bytes: expect.any(Number) });
  expect((decoded["error"] as string).length).toBeGreaterThan(4_000);
  expect((decoded["message"] as string).length).toBeGreaterThan(10_000);
});

test("fields that cannot be serialised do not throw", () => {
  const cycle: Record<string, unknown> = { big: 10n, same: { a: 1 } };
  cycle["self"] = cycle;
  cycle["list"] = [cycle["same"], cycle["same"], { up: cycle }];
  expect(decode(encodeLine(TIME, "acme", { level: "info", message: "m", fields: cycle }))["fields"]).toEqual({
    big: "10",
    same: { a: 1 },
    self: "[circular]",
    list: [{ a: 1 }, { a: 1 }, { up: "[circular]" }],
  });
  const hostile = {
    toJSON: () => {
      throw new Error("no");
    },
  };
  expect(decode(encodeLine(TIME, "acme", { level: "info", message: "m", fields: hostile }))["fields"]).toEqual({
    not_serializable: "no",
  });
});
