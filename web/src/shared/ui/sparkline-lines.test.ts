import { expect, test } from "bun:test";
import { linesOf } from "./sparkline-lines.ts";

const box = { width: 100, height: 10, slots: 5, max: 10 };
const lines = (values: (number | null)[], part: Partial<typeof box> = {}) =>
  linesOf(values, { ...box, ...part }).map(({ line }) => line);

test("the newest value stands at the right edge, zero at the bottom", () => {
  expect(lines([0, 5, 10])).toEqual(["M50 10L75 5L100 0"]);
});

test("null is a gap, and a value alone can be seen", () => {
  expect(lines([10, null, null, 0, 5])).toEqual(["M0 0L0 0", "M75 10L100 5"]);
  expect(lines([null, null])).toEqual([]);
  expect(lines([])).toEqual([]);
});

test("a value above the upper edge moves it; all zero stays at the bottom", () => {
  expect(lines([10, 40])).toEqual(["M75 7.5L100 0"]);
  expect(lines([0, 0], { max: 0 })).toEqual(["M75 10L100 10"]);
});

test("the area goes down to zero at both ends", () => {
  expect(linesOf([5, 10], box)[0]?.area).toBe("M75 5L100 0L100 10L75 10Z");
});
