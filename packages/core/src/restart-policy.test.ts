import { expect, test } from "bun:test";
import { backoffDelay, DEFAULT_RESTART_POLICY, isStable, reachesCrashLimit } from "./restart-policy.ts";

test("waits 1, 2, 4, 8, 16, 16 … s", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 9, 100].map((crashes) => backoffDelay(DEFAULT_RESTART_POLICY, crashes) / 1_000);
  expect(waits).toEqual([1, 2, 4, 8, 16, 16, 16, 16, 16]);
});

test("the base scales every wait", () => {
  const policy = { ...DEFAULT_RESTART_POLICY, backoffBaseMs: 10 };
  expect([1, 2, 5, 6].map((crashes) => backoffDelay(policy, crashes))).toEqual([10, 20, 160, 160]);
});

test("the 10th crash in a row reaches the limit", () => {
  expect([0, 1, 9, 10, 11].map((crashes) => reachesCrashLimit(DEFAULT_RESTART_POLICY, crashes))).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});

test("health is stable from 60 s on", () => {
  const since = 5_000;
  expect([0, 59_999, 60_000, 90_000].map((ms) => isStable(DEFAULT_RESTART_POLICY, since, since + ms))).toEqual([
    false,
    false,
    true,
    true,
  ]);
});
