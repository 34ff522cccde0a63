import { expect, test } from "bun:test";
import type { PluginEvent } from "@toru/http-api";
import { daysOf } from "./days-of.ts";

function event(id: number, timestamp: string): PluginEvent {
  return { id, plugin_id: "acme", event_type: "started", timestamp, details: {} };
}

const events = [
  event(3, "2026-02-01T01:00:00.000Z"),
  event(2, "2026-01-31T23:30:00.000Z"),
  event(1, "2026-01-31T08:00:00.000Z"),
];
const shape = (zone: string) => daysOf(events, zone).map(({ date, events: of }) => [date, of.map(({ id }) => id)]);

test("days are those of the zone", () => {
  expect(shape("UTC")).toEqual([
    ["2026-02-01", [3]],
    ["2026-01-31", [2, 1]],
  ]);
  expect(shape("Europe/Warsaw")).toEqual([
    ["2026-02-01", [3, 2]],
    ["2026-01-31", [1]],
  ]);
});

test("no event, no day", () => {
  expect(daysOf([], "UTC")).toEqual([]);
});
