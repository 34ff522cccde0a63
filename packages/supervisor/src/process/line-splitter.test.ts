import { describe, expect, test } from "bun:test";
import { LineSplitter, MAX_OUTPUT_LINE_BYTES } from "./line-splitter.ts";

/** All lines of an output that arrives in these pieces. */
function split(...pieces: (string | Uint8Array)[]): string[] {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  for (const piece of pieces) lines.push(...splitter.push(Buffer.from(piece)));
  lines.push(...splitter.end());
  return lines;
}

describe("LineSplitter", () => {
  test("gives the same lines however the output is cut", () => {
    const output = Buffer.from("one\n\ntwo is longer\nthree\r\nž and 🧪\nlast");
    const expected = ["one", "", "two is longer", "three", "ž and 🧪", "last"];
    for (let size = 1; size <= output.length; size++) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < output.length; at += size) pieces.push(output.subarray(at, at + size));
      expect(split(...pieces)).toEqual(expected);
    }
  });

  test("keeps nothing of a chunk that its source reuses", () => {
    const splitter = new LineSplitter();
    const chunk = Buffer.from("kept");
    expect([...splitter.push(chunk)]).toEqual([]);
    chunk.fill("x");
    expect([...splitter.push(Buffer.from("!\n"))]).toEqual(["kept!"]);
  });

  test("a last line without a newline is a line; an empty rest is none", () => {
    expect(split("a\nb")).toEqual(["a", "b"]);
    expect(split("a\n")).toEqual(["a"]);
    expect(split()).toEqual([]);
  });

  test("a line of exactly the limit is whole, one byte more is cut and says so", () => {
    const longest = "x".repeat(MAX_OUTPUT_LINE_BYTES);
    expect(split(`${longest}\nnext\n`)).toEqual([longest, "next"]);
    expect(split(`${longest}y\nnext\n`)).toEqual([`${longest} … [line cut: 1 more bytes]`, "next"]);
  });

  test("an endless line keeps its start and counts the rest; the line behind it is whole", () => {
    const mebibyte = Buffer.alloc(1024 * 1024, "x");
    const lines = split(...Array.from({ length: 20 }, () => mebibyte), "\nnext");
    const dropped = 20 * 1024 * 1024 - MAX_OUTPUT_LINE_BYTES;
    expect(lines).toEqual([`${"x".repeat(MAX_OUTPUT_LINE_BYTES)} … [line cut: ${dropped} more bytes]`, "next"]);
  });

  test("an endless line that just ends says how much is missing", () => {
    expect(split("x".repeat(MAX_OUTPUT_LINE_BYTES), "yz")[0]).toEndWith("[line cut: 2 more bytes]");
  });

  test("bytes that are not UTF-8 become replacement characters, control codes and NUL stay in their line", () => {
    expect(split(Uint8Array.of(0xff, 0xfe, 0x41, 0x0a, 0x00, 0x1b, 0x5b, 0x0a))).toEqual(["��A", "\u0000\u001b["]);
  });
});
