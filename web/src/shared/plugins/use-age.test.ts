import { expect, test } from "bun:test";
import { wholeAge } from "./use-age.ts";

test("an age is told in its greatest unit", () => {
  expect(wholeAge(0)).toBe(0);
  expect(wholeAge(59_999)).toBe(59_000);
  expect(wholeAge(119_999)).toBe(60_000);
  expect(wholeAge(2 * 3_600_000 - 1)).toBe(3_600_000);
  expect(wholeAge(3.9 * 86_400_000)).toBe(3 * 86_400_000);
});
