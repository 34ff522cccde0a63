import { expect, test } from "bun:test";
import { ansiSpans, withoutAnsi } from "./ansi-spans.ts";

const look = (text: string) => ansiSpans(text).map(({ text, color, background }) => [text, color, background]);

test("text without colours is one plain span", () => {
  expect(look("a < b & c")).toEqual([["a < b & c", null, null]]);
});

test("the colours of terminals become names, bright, of the palette and true ones too", () => {
  const names = ["grey", "red", "green", "yellow", "blue", "magenta", "cyan", "plain"];
  for (const [index, name] of names.entries()) {
    if (index > 0) expect(look(`\u001b[3${index}mx\u001b[0m`)).toEqual([["x", name as never, null]]);
    expect(look(`\u001b[9${index}mx`)).toEqual([["x", name as never, null]]);
  }
  expect(look("\u001b[38;5;208mx")).toEqual([["x", "yellow", null]]);
  expect(look("\u001b[38;2;20;200;40mx\u001b[39my")).toEqual([
    ["x", "green", null],
    ["y", null, null],
  ]);
  expect(look("\u001b[30;41mx")).toEqual([["x", "plain", "red"]]);
  expect(look("\u001b[7mx\u001b[2;27my")).toEqual([
    ["x", "plain", "plain"],
    ["y", "grey", null],
  ]);
});

test("decorations are told", () => {
  expect(ansiSpans("\u001b[1;3;4;9mx")[0]).toMatchObject({
    isBold: true,
    isItalic: true,
    isUnderlined: true,
    isStruck: true,
  });
});

test("whatever else a terminal obeys is not shown", () => {
  expect(
    withoutAnsi("a\u001b[2Kb\u001b[1;1Hc\u001b]0;title\u0007d\u001b]8;;http://x\u001b\\e\u001b(Bf\u0007\bg\rh"),
  ).toBe("abcdefgh");
  expect(withoutAnsi("end\u001b")).toBe("end");
  expect(withoutAnsi("tab\tand\nline")).toBe("tab\tand\nline");
});
