import { expect, test } from "bun:test";
import type { ProcessStat } from "./parse-proc.ts";
import { processFamilies } from "./process-families.ts";
import { processStat } from "./process-stat.fixture.ts";

const HOST = 100;

function familiesOf(stats: ProcessStat[], leaders: number[]): Record<string, number[]> {
  const all = new Map(stats.map((stat) => [stat.pid, stat]));
  const families = processFamilies(all, leaders, HOST);
  return Object.fromEntries(
    Array.from(families, ([leader, members]) => [leader, members.map(({ pid }) => pid).sort((a, b) => a - b)]),
  );
}

test("a family is the group and those who left it, down to the last grandchild", () => {
  const stats = [
    processStat({ pid: 1, parent: 0 }),
    processStat({ pid: HOST, parent: 1 }),
    processStat({ pid: 202, parent: 201, group: 200 }),
    processStat({ pid: 200, parent: HOST }),
    processStat({ pid: 201, parent: 200, group: 200 }),
    processStat({ pid: 205, parent: 204, group: 204 }),
    processStat({ pid: 204, parent: 202, group: 204 }),
    processStat({ pid: 206, parent: 1, group: 200 }),
    processStat({ pid: 300, parent: HOST }),
    processStat({ pid: 301, parent: 1 }),
    processStat({ pid: 302, parent: HOST }),
  ];
  expect(familiesOf(stats, [200, 300])).toEqual({ 200: [200, 201, 202, 204, 205, 206], 300: [300] });
});

test("a stranger that was given a plugin's number is nobody's", () => {
  const stats = [processStat({ pid: 200, parent: 1 }), processStat({ pid: 201, parent: 200, group: 200 })];
  expect(familiesOf(stats, [200, 999])).toEqual({});
});

test("parents that lead in a circle end nowhere", () => {
  const stats = [
    processStat({ pid: 5, parent: 6 }),
    processStat({ pid: 6, parent: 5 }),
    processStat({ pid: 7, parent: 6 }),
    processStat({ pid: 8, parent: 8 }),
    processStat({ pid: 200, parent: HOST }),
  ];
  expect(familiesOf(stats, [200])).toEqual({ 200: [200] });
});
