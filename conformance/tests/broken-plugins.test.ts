import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ALL_CASES, type CaseResult, type ExamCase } from "../src/index.ts";
import { complaints, examOf, skipped } from "./exam-of.ts";

const FIXTURES = { 1: join(import.meta.dir, "plugins/v1.py"), 2: join(import.meta.dir, "plugins/v2.py") };
/** Broken plugins that are examined at a time: most of them wait. */
const AT_ONCE = 10;
/** For all of them, on a busy machine. */
const LIMIT_MS = 180_000;

/** `env python3` may be a wrapper that takes longer than the plugin itself; this is what it comes down to, bare. */
const interpreter = Bun.spawnSync(["python3", "-c", "import sys; print(sys.executable)"]).stdout.toString().trim();
const quickStart = (text: string) => text.replace("#!/usr/bin/env python3", `#!${interpreter} -IS`);

const results = new Map<string, CaseResult | undefined>();

beforeAll(async () => {
  const queue = ALL_CASES.toSorted((one, other) => other.limitMs - one.limitMs);
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.set(next.id, await resultOf(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}, LIMIT_MS);

/** Asks one case of the plugin that is broken in exactly this point. */
async function resultOf({ id, versions }: ExamCase): Promise<CaseResult | undefined> {
  const file = FIXTURES[versions.includes(2) ? 2 : 1];
  const selected = (examCase: ExamCase) => examCase.id === id;
  const report = await examOf(file, { selected }, { "exam.json": JSON.stringify({ broken: id }) }, quickStart);
  return report.results.find(({ examCase }) => examCase.id === id);
}

describe("a plugin that is broken in one point fails the case of it", () => {
  test.each(ALL_CASES.map(({ id }) => id))("%s", (id) => {
    const result = results.get(id);
    expect(result?.outcome).toMatchObject({ status: "failed", failure: { came: expect.any(String) } });
  });
});

describe("a plugin that does everything right passes every case", () => {
  test.concurrent.each([1, 2] as const)("version %d, exam route included", async (version) => {
    const report = await examOf(FIXTURES[version]);
    expect(complaints(report)).toEqual([]);
    const others = ALL_CASES.filter(({ versions, feature }) => !versions.includes(version) && feature === undefined);
    expect(skipped(report)).toEqual(others.map(({ id }) => id));
  });
});
