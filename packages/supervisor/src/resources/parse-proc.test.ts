import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parseCpuTimes, parseMemory, parseProcessStat, parseUnits } from "./parse-proc.ts";

const NUMBERS = "S 7 42 42 0 -1 4194560 900 800 1 2 11 22 33 44 20 0 1 0 5000 1000000 256 18446744073709551615 1 1";

function parse(text: string) {
  const bytes = Buffer.from(text);
  return parseProcessStat(bytes, bytes.length);
}

test.each(["bash", "a b", ") S 1 2 (", "(((", "x)\n9 9 9", ""])("a process named %j is read", (name) => {
  expect(parse(`42 (${name}) ${NUMBERS}\n`)).toEqual({
    pid: 42,
    isActive: false,
    parent: 7,
    group: 42,
    ticks: 33,
    childTicks: 77,
    startedAt: 5000,
    residentPages: 256,
  });
});

test.each(["", "42", "42 (bash", "42 (bash)", "42 (bash) S 7 42"])("%j is no stat line", (text) => {
  expect(parse(text)).toBeNull();
});

test("bytes behind the length are those of an earlier line", () => {
  const bytes = Buffer.from(`42 (bash) ${NUMBERS}\n9 (old) X`);
  expect(parseProcessStat(bytes, bytes.indexOf("\n") + 1)).toMatchObject({ pid: 42, parent: 7 });
});

test("the time of all cores is idle or not", () => {
  const text = "cpu  10 1 20 300 40 5 6 7 8 9\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
  expect(parseCpuTimes(text)).toEqual({ total: 389, idle: 340 });
  expect(parseCpuTimes("intr 1 2 3")).toBeNull();
});

test("memory that programs can still have is not used", () => {
  const text = "MemTotal:       1000 kB\nMemFree:         10 kB\nMemAvailable:    400 kB\n";
  expect(parseMemory(text)).toEqual({ total: 1_024_000, used: 614_400 });
  expect(parseMemory("MemTotal: 1000 kB\n")).toBeNull();
});

test("units come from the kernel, or are the usual ones", () => {
  const auxv = Buffer.alloc(48);
  [6n, 65_536n, 17n, 250n, 0n, 0n].forEach((word, index) => auxv.writeBigUInt64LE(word, index * 8));
  expect(parseUnits(auxv)).toEqual({ pageBytes: 65_536, ticksPerSecond: 250 });
  expect(parseUnits(Buffer.alloc(3))).toEqual({ pageBytes: 4_096, ticksPerSecond: 100 });
});

test.if(process.platform === "linux")("this machine's own files are read", () => {
  const stat = readFileSync("/proc/self/stat");
  expect(parseProcessStat(stat, stat.length)).toMatchObject({ pid: process.pid, parent: process.ppid });
  expect(parseCpuTimes(readFileSync("/proc/stat", "latin1"))?.total).toBeGreaterThan(0);
  expect(parseMemory(readFileSync("/proc/meminfo", "latin1"))?.total).toBeGreaterThan(0);
  expect(parseUnits(readFileSync("/proc/self/auxv")).ticksPerSecond).toBeGreaterThan(0);
});
