import { expect, test } from "bun:test";
import { stripAnsi } from "./strip-ansi.ts";

test("only the text is left of what a program writes for a terminal", () => {
  expect(stripAnsi("\u001B[31;1mred\u001B[0m and \u001B]8;;http://x\u0007link\u001B]8;;\u001B\\ \u001B(Bend")).toBe(
    "red and link end",
  );
  expect(stripAnsi("50 %\r\u0008\u001B[2K\ttab <b>")).toBe("50 %\ttab <b>");
  expect(stripAnsi("\u001B")).toBe("");
});
