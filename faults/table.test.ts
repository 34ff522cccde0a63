import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Row {
  fault: string;
  expected: string;
  tests: { path: string; name: string | null }[];
  result: string;
}

/** `[file](path)`, or `[file](path): name of a test in it`. */
const REFERENCE = /^\[[^\]]+\]\((?<path>[^)]+)\)(?:: (?<name>.+))?$/;

function rows(): Row[] {
  const lines = readFileSync(join(import.meta.dir, "README.md"), "utf8").split("\n");
  const inTables = lines.filter((line) => line.startsWith("| ") && !/^\| (?:Fault|---) \|/.test(line));
  return inTables.map((line) => {
    const [fault = "", expected = "", tests = "", result = "", ...more] = line.slice(2, -2).split(" | ");
    if (more.length > 0) throw new Error(`more than four cells: ${line}`);
    const references = tests.split("<br>").map((text) => {
      const { path, name = null } = REFERENCE.exec(text)?.groups ?? {};
      if (path === undefined) throw new Error(`not "[file](path): name": ${text}`);
      return { path: join(import.meta.dir, path), name };
    });
    return { fault, expected, tests: references, result };
  });
}

/** Whether a file has a test of that name, as the source writes it. */
function has(path: string, name: string): boolean {
  const source = readFileSync(path, "utf8");
  if (path.endsWith(".py")) return source.includes(`def ${name}(`);
  if (path.endsWith(".rs")) return source.includes(`fn ${name}(`);
  return ['"', "`"].some((quote) => source.includes(quote + name + quote));
}

test("each test that the table of faults names exists", () => {
  const named = rows().flatMap(({ tests }) => tests);
  const missing = named.filter(({ path, name }) => !existsSync(path) || (name !== null && !has(path, name)));
  expect(missing).toEqual([]);
  expect(named.length).toBeGreaterThan(100);
});

test("each fault has an expected end and a result", () => {
  const unclear = rows().filter(
    ({ fault, expected, result }) => fault === "" || expected === "" || !/^(?:holds\b|partly: )/.test(result),
  );
  expect(unclear).toEqual([]);
});
