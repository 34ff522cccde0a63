import { expect, test } from "bun:test";
import { DISABLED } from "@toru/core";
import { heartbeatLines } from "./heartbeat.ts";

/** Longest line of the log, in bytes. */
const MAX_LINE_BYTES = 16 * 1024;

test.each([0, 1, 150, 151, 500])(
  "the state of %i plugins with the longest ids is told in lines that fit the log",
  (count) => {
    const runners = Array.from({ length: count }, (_, number) => ({
      id: String(number).padStart(64, "x"),
      state: DISABLED,
    }));
    const lines = heartbeatLines(runners);
    expect(lines).not.toEqual([]);
    const told = lines.flatMap(({ fields }) => Object.keys(fields?.["plugins"] ?? {}));
    expect(told).toEqual(runners.map(({ id }) => id));
    for (const line of lines) {
      expect(line.fields).toMatchObject({ event: "heartbeat", pid: process.pid });
      expect(JSON.stringify(line).length + 200).toBeLessThan(MAX_LINE_BYTES); // with time, plugin and level
    }
  },
);
