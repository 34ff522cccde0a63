import { describe, expect, test } from "bun:test";
import { formatDuration, formatTable } from "./table.ts";

describe("formatTable", () => {
  test("columns are as wide as their widest cell, and no line ends in blanks", () => {
    expect(
      formatTable([
        ["ID", "STATUS", ""],
        ["disk-usage", "up", "x"],
        ["a", "", ""],
      ]),
    ).toBe("ID          STATUS\ndisk-usage  up      x\na");
  });

  test("an emoji counts as the two columns that it takes", () => {
    expect(
      formatTable([
        ["💽", "a"],
        ["xy", "b"],
      ]),
    ).toBe("💽  a\nxy  b");
  });

  test("rows may differ in length", () => expect(formatTable([["a"], ["bb", "c"]])).toBe("a\nbb  c"));

  test("no rows are no text", () => expect(formatTable([])).toBe(""));
});

describe("formatDuration", () => {
  test.each([
    [0, "0s"],
    [999, "0s"],
    [1_000, "1s"],
    [61_000, "1m 1s"],
    [3_600_000, "1h"],
    [3_661_000, "1h 1m"],
    [93_784_000, "1d 2h"],
    [86_400_000 * 400 + 59_000, "400d"],
  ])("%d ms is %s", (milliseconds, expected) => expect(formatDuration(milliseconds)).toBe(expected));
});
