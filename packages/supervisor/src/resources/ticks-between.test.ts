import { expect, test } from "bun:test";
import { processStat } from "./process-stat.fixture.ts";
import { ticksBetween } from "./ticks-between.ts";

const LOOKED_AT = 100;

test("what each process used since the look before is summed up", () => {
  const before = [processStat({ pid: 1, ticks: 50 }), processStat({ pid: 2, ticks: 5 })];
  const after = [
    processStat({ pid: 1, ticks: 70 }),
    processStat({ pid: 2, ticks: 6 }),
    processStat({ pid: 3, ticks: 4, startedAt: 100 }),
  ];
  expect(ticksBetween(before, after, LOOKED_AT)).toBe(25);
});

test("a number that was given anew is another process", () => {
  const before = [processStat({ pid: 1, ticks: 9_000 })];
  expect(ticksBetween(before, [processStat({ pid: 1, ticks: 3, startedAt: 150 })], LOOKED_AT)).toBe(3);
});

test("a process that was there unseen counts from the next look on", () => {
  const unseen = processStat({ pid: 1, ticks: 9_000, childTicks: 500, startedAt: 20 });
  expect(ticksBetween([], [unseen], LOOKED_AT)).toBe(0);
  expect(ticksBetween([unseen], [{ ...unseen, ticks: 9_007 }], LOOKED_AT)).toBe(7);
});

test("a child that has ended is not counted twice, and one that came and went between is counted", () => {
  const before = [processStat({ pid: 1, ticks: 10, childTicks: 0 }), processStat({ pid: 2, ticks: 400 })];
  expect(ticksBetween(before, [processStat({ pid: 1, ticks: 11, childTicks: 405 })], LOOKED_AT)).toBe(6);
  expect(
    ticksBetween([before[0] ?? processStat({ pid: 1 })], [processStat({ pid: 1, ticks: 10, childTicks: 30 })], 100),
  ).toBe(30);
});

test("a child whose end nobody waited for makes nothing negative", () => {
  const before = [processStat({ pid: 1, ticks: 10 }), processStat({ pid: 2, ticks: 400, childTicks: 30 })];
  expect(ticksBetween(before, [processStat({ pid: 1, ticks: 12 })], LOOKED_AT)).toBe(2);
  expect(ticksBetween(before, [], LOOKED_AT)).toBe(0);
});

test("a count that went back counts nothing", () => {
  const before = [processStat({ pid: 1, ticks: 10, childTicks: 10 })];
  expect(ticksBetween(before, [processStat({ pid: 1, ticks: 9, childTicks: 9 })], LOOKED_AT)).toBe(0);
});
