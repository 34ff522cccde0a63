import { expect, test } from "bun:test";
import { join } from "node:path";
import { ALL_CASES } from "./all-cases.ts";

test("ids are unique, dotted and in lower case", () => {
  const ids = ALL_CASES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^(?:manifest|process|v1|v2)(?:\.[a-z0-9-]+)+$/.test(id))).toEqual([]);
});

test("every case cites a heading of the document", async () => {
  const document = await Bun.file(join(import.meta.dir, "../../../spec/README.md")).text();
  const headings = new Set(Array.from(document.matchAll(/^#+ (.+)$/gm), ([, heading]) => heading));
  expect(ALL_CASES.filter(({ cites }) => !headings.has(cites.section)).map(({ id }) => id)).toEqual([]);
});

test("the gates come in the order in which they can be asked", () => {
  expect(ALL_CASES.filter(({ gate }) => gate !== undefined).map(({ id }) => id)).toEqual([
    "manifest.exit",
    "manifest.output",
    "manifest.fields",
    "process.socket",
    "v2.init.ready",
    "v2.http.reply",
    "v1.init",
  ]);
});

test("titles and advice are sentences for people: none ends in a blank, all say something", () => {
  for (const { title, advice, cites } of ALL_CASES) {
    expect(title).toMatch(/^\S.{10,}\S$/);
    expect(advice).toMatch(/^[A-Z].+[.]$/s);
    expect(cites.says).toMatch(/.[.]$/);
  }
});
