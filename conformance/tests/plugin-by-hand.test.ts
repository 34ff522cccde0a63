import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALL_CASES, examine, type ExamReport } from "../src/index.ts";
import { complaints, ROOT, skipped } from "./exam-of.ts";

const GUIDE = join(ROOT, "docs/plugins-in-any-language.md");
/** A first build compiles Go's standard library. */
const BUILD_LIMIT_MS = 180_000;

/** The plugin of the guide is in Go. A machine without Go says so and leaves it out; a CI has Go. */
const go = Bun.which("go");
const withGo = describe.skipIf(go === null && process.env["CI"] === undefined);

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "toru-by-hand-"));
});

afterAll(() => rm(folder, { recursive: true }));

/** The text of a file in the guide: all blocks behind a comment with its name. */
async function textOf(name: string): Promise<string> {
  const guide = await Bun.file(GUIDE).text();
  const blocks = guide.matchAll(/^<!-- (\S+) -->\n```\w*\n(.*?)^```$/gms);
  return Array.from(blocks, ([, file, text]) => (file === name ? text : null))
    .filter((text) => text !== null)
    .join("\n");
}

async function run(command: readonly string[]): Promise<string> {
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" };
  const child = Bun.spawn([...command], { cwd: folder, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const output = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed:\n${output.join("")}`);
  return output.join("");
}

withGo("the guide's plugin", () => {
  beforeAll(async () => {
    for (const name of ["go.mod", "main.go", "exam_route.go"]) await Bun.write(join(folder, name), await textOf(name));
    await run(["go", "build", "-o", "hello-go.binary", "."]);
    await run(["go", "build", "-tags", "exam", "-o", "examined.binary", "."]);
  }, BUILD_LIMIT_MS);

  test("is written as gofmt writes", async () => {
    expect(await run(["gofmt", "-l", "."])).toBe("");
  });

  test("passes the whole exam, strictly, with the exam route", async () => {
    const report = await examine(join(folder, "examined.binary"));
    expect(complaints(report)).toEqual([]);
    expect(skippedOfVersion2(report)).toEqual(["v2.handle-kv"]);
  });

  test("passes what can be asked of an ordinary build, which has no exam route", async () => {
    const report = await examine(join(folder, "hello-go.binary"), {
      selected: ({ id }) => /^(?:manifest|v2.h)/.test(id),
    });
    expect(complaints(report)).toEqual([]);
    expect(report.manifest?.id).toBe("hello-go");
    expect(skippedOfVersion2(report)).toContain("v2.http.bytes");
  });

  test("says what it is when somebody starts it by hand", async () => {
    const child = Bun.spawn([join(folder, "hello-go.binary")], { env: {}, stdin: "ignore", stderr: "pipe" });
    expect(await new Response(child.stderr).text()).toContain("plugins folder");
    expect(await child.exited).toBe(2);
  });
});

function skippedOfVersion2(report: ExamReport): string[] {
  return skipped(report).filter((id) => !id.startsWith("v1."));
}

test("every `toru check` in the guide and in the exam's README is a command that exists", async () => {
  const texts = await Promise.all([GUIDE, join(import.meta.dir, "../README.md")].map((path) => Bun.file(path).text()));
  const lines = Array.from(texts.join("\n").matchAll(/^(?: *- run: )?toru check (.+)$/gm), ([, rest = ""]) => rest);
  expect(lines.length).toBeGreaterThan(4);
  for (const line of lines) {
    const [words = ""] = line.split(/ +[#>]/);
    const main = join(import.meta.dir, "../src/main.ts");
    await run([process.execPath, main, "--list", ...words.split(" ")]);
  }
});

test("every case that the guide names is one of the exam", async () => {
  const guide = await Bun.file(GUIDE).text();
  for (const [, id = ""] of guide.matchAll(/`((?:v2|process)\.[a-z0-9.-]+)`/g)) {
    expect(ALL_CASES.map((examCase) => examCase.id)).toContain(id);
  }
});
