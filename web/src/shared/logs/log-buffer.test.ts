import { expect, test } from "bun:test";
import type { LogEntry } from "@toru/http-api";
import { LogBuffer } from "./log-buffer.ts";

/** A log on the host: line n lies between the cursors `n` and `n + 1`. */
function linesFrom(first: number, count: number): LogEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    timestamp: "2026-01-31T12:00:00.000Z",
    level: "info" as const,
    plugin: "acme",
    message: String(first + index),
  }));
}
function pageBefore(cursor: number, size: number) {
  const first = Math.max(0, cursor - size);
  return { logs: linesFrom(first, cursor - first), cursor: first === 0 ? null : String(first) };
}
function liveFrom(first: number, count: number) {
  return linesFrom(first, count).map((entry) => ({ entry, cursor: String(Number(entry.message) + 1) }));
}
function numbersOf(buffer: LogBuffer): number[] {
  return buffer.lines.map(({ message }) => Number(message));
}
function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, index) => first + index);
}

test("older pages go in front, live lines behind, and each line keeps its key", () => {
  const buffer = new LogBuffer(pageBefore(100, 10), "100");
  expect(buffer.olderCursor).toBe("90");
  buffer.append(liveFrom(100, 5));
  buffer.prepend(pageBefore(90, 10), "90");
  expect(numbersOf(buffer)).toEqual(range(80, 105));
  expect(buffer.firstKey).toBe(-10);
  expect(buffer.appended).toBe(5);
  expect(buffer.tail).toBe("105");
  expect(buffer.olderCursor).toBe("80");
});

test("the first page of the log has nothing older", () => {
  const buffer = new LogBuffer(pageBefore(10, 10), "10");
  expect(buffer.olderCursor).toBeNull();
});

test("an empty log fills with live lines", () => {
  const buffer = new LogBuffer({ logs: [], cursor: null }, "start");
  buffer.append(liveFrom(0, 3));
  expect(numbersOf(buffer)).toEqual([0, 1, 2]);
  expect(buffer.olderCursor).toBeNull();
});

test("a page that comes too late is not put in twice", () => {
  const buffer = new LogBuffer(pageBefore(100, 10), "100");
  buffer.prepend(pageBefore(90, 10), "90");
  buffer.prepend(pageBefore(90, 10), "90");
  expect(numbersOf(buffer)).toEqual(range(80, 100));
});

test("the oldest lines go where there are too many, and can be loaded again without a gap", () => {
  const buffer = new LogBuffer(pageBefore(5_000, 1_000), "5000", 3_000);
  buffer.prepend(pageBefore(4_000, 1_000), "4000");
  buffer.prepend(pageBefore(3_000, 1_000), "3000");
  expect(buffer.isFull).toBe(true);
  for (let first = 5_000; first < 9_500; first += 100) {
    buffer.append(liveFrom(first, 100));
    const numbers = numbersOf(buffer);
    expect(numbers.length).toBeLessThanOrEqual(3_000);
    expect(numbers).toEqual(range(first + 100 - numbers.length, first + 100));
    expect(buffer.firstKey).toBe((numbers[0] ?? 0) - 4_000);
    expect(buffer.olderCursor).toBe(String(numbers[0]));
  }
  const before = numbersOf(buffer);
  expect(buffer.dropped).toBe((before[0] ?? 0) - 2_000);
  const cursor = buffer.olderCursor ?? "";
  buffer.prepend(pageBefore(Number(cursor), 100), cursor);
  expect(numbersOf(buffer)).toEqual(range((before[0] ?? 0) - 100, 9_500));
});

test("a page that does not fit is left out", () => {
  const buffer = new LogBuffer(pageBefore(5_000, 1_000), "5000", 1_500);
  buffer.prepend(pageBefore(4_000, 1_000), "4000");
  expect(numbersOf(buffer)).toEqual(range(4_000, 5_000));
});

test("a flood larger than the bound leaves its newest lines", () => {
  const buffer = new LogBuffer({ logs: [], cursor: null }, "start", 3_000);
  buffer.append(liveFrom(0, 10_000));
  expect(numbersOf(buffer)).toEqual(range(7_000, 10_000));
  expect(buffer.olderCursor).toBe("7000");
});

test("what a view holds does not change under it", () => {
  const buffer = new LogBuffer(pageBefore(100, 10), "100");
  const held = buffer.lines;
  buffer.append(liveFrom(100, 1));
  buffer.prepend(pageBefore(90, 10), "90");
  expect(held).toEqual(linesFrom(90, 10));
});
