import { expect, test } from "bun:test";
import type { EventStore, LogStore, NewPluginEvent } from "@toru/core";
import { EventRecorder } from "./event-recorder.ts";

function event(type: NewPluginEvent["type"]): NewPluginEvent {
  return { pluginId: "acme", type, timestamp: "2026-01-01T00:00:00.000Z", details: {} };
}

test("events are handed over in order and none waits for the one before; what could not be stored is logged", async () => {
  const asked: string[] = [];
  const answers = Promise.withResolvers<never>();
  const lines: unknown[] = [];
  const events = {
    append: ({ type }: NewPluginEvent) => {
      asked.push(type);
      return answers.promise;
    },
  } as unknown as EventStore;
  const logs = { supervisor: () => ({ write: (line: unknown) => lines.push(line) }) } as unknown as LogStore;
  const recorder = new EventRecorder(events, logs);
  for (const type of ["started", "crashed", "restarted"] as const) recorder.record(event(type));
  expect(asked).toEqual(["started", "crashed", "restarted"]);
  let isSettled = false;
  const settled = recorder.settled().then(() => (isSettled = true));
  await Promise.resolve();
  expect(isSettled).toBe(false);
  answers.reject(new Error("another process holds the database"));
  await settled;
  expect(lines).toHaveLength(3);
  expect(lines[0]).toEqual({
    level: "error",
    message: "the event started could not be stored: Error: another process holds the database",
  });
});
