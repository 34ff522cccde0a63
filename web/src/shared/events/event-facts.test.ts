import { expect, test } from "bun:test";
import { factsOf } from "./event-facts.ts";

test("a crash tells how it ended, how long it had run, which in a row it was and when the next try comes", () => {
  const details = { code: null, signal: "SIGKILL", reason: "killed by SIGKILL", uptime_ms: 5_000, crashes: 2 };
  expect(factsOf({ event_type: "crashed", details: { ...details, retry_in_ms: 2_000 } })).toEqual([
    { fact: "ending", code: null, signal: "SIGKILL" },
    { fact: "uptime", ms: 5_000 },
    { fact: "inRow", count: 2 },
    { fact: "retry", ms: 2_000 },
  ]);
});

test("the host's own reason is told where the ending does not say it", () => {
  const details = { code: null, signal: "SIGKILL", reason: "no answer to 3 health checks", uptime_ms: 1, crashes: 1 };
  expect(factsOf({ event_type: "crashed", details })).toContainEqual({ fact: "reason", reason: details.reason });
  expect(factsOf({ event_type: "unhealthy", details: { reason: "no answer" } })).toEqual([
    { fact: "reason", reason: "no answer" },
  ]);
});

test("what the crash limit disabled is told from what a person did", () => {
  const byLimit = { reason: "crashed 10 times in a row", crashes: 10 };
  expect(factsOf({ event_type: "disabled", details: byLimit })).toEqual([{ fact: "limit", count: 10 }]);
  const reason = "crashed 20 times within an hour";
  expect(factsOf({ event_type: "disabled", details: { reason } })).toEqual([{ fact: "reason", reason }]);
  expect(factsOf({ event_type: "disabled", details: {} })).toEqual([{ fact: "byHand" }]);
});

test("a start after a crash is an attempt", () => {
  expect(factsOf({ event_type: "restarted", details: { attempt: 3 } })).toEqual([{ fact: "attempt", attempt: 3 }]);
  expect(factsOf({ event_type: "restarted", details: {} })).toEqual([]);
});

test("details of another shape say nothing", () => {
  const details = { code: "7", signal: 9, uptime_ms: "long", crashes: null, reason: { of: 1 } };
  expect(factsOf({ event_type: "crashed", details })).toEqual([]);
  expect(factsOf({ event_type: "enabled", details })).toEqual([]);
});
