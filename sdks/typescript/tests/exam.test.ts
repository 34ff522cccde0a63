import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathWith, ROOT, run, RUNTIMES, SDK, toruPlugin } from "./built-plugin.fixture.ts";

let folder = "";
let binary = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "toru-exam-plugin-"));
  binary = join(folder, "exam-typescript.binary");
  const built = await toruPlugin(join(SDK, "tests/exam"), ["build", "plugin.ts", "--output", binary]);
  expect(built).toMatchObject({ code: 0, stderr: "" });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([...RUNTIMES])("the exam is passed on %s, with everything that a plugin can be asked", async (runtime) => {
  await using path = await pathWith(runtime);
  const exam = [process.execPath, join(ROOT, "conformance/src/main.ts"), "--strict", binary];
  const { code, stdout } = await run(exam, folder, { ...process.env, PATH: `${path.path}:${process.env["PATH"]}` });
  expect(stdout.match(/^ {2}(?:FAIL|WARN).*$/gm)).toBeNull();
  expect(stdout.match(/^skipped, (?!it is about version 1).*$/gm)).toBeNull();
  expect(code).toBe(0);
});
