import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { complaints, examOf, ROOT } from "./exam-of.ts";

interface Examined {
  file: string;
  /** Makes the executable: run in the folder of `file`, which is then what it is made of, with the path of its output. */
  build?: readonly string[];
  /** Files beside the executable. */
  beside?: Record<string, string>;
  /** Cases that it fails, with why. */
  known?: Record<string, string>;
}

const NO_HEAD = "echoes HEAD like any other request";
const READS_ANY_LENGTH = "believes every length, so as to be simple";

/** All plugins of this repository that are examined: another one is a line here. */
const EXAMINED: Record<string, Examined> = {
  "examples/disk-usage": { file: "examples/disk-usage/disk-usage.py" },
  "examples/webhooks": {
    file: "examples/webhooks/package.json",
    build: ["node", "../../sdks/typescript/command/toru-plugin.mjs", "build", "--output"],
  },
  "examples/certificates": {
    file: "examples/certificates/pyproject.toml",
    build: ["env", "PYTHONPATH=../../sdks/python/src", "python3", "-m", "toru_plugin", "pack", "--output"],
  },
  "the host's version 2 fixture": {
    file: "packages/server/tests/plugins/v2.py",
    known: {
      "v2.http.head": NO_HEAD,
      "v2.replies.unknown": "answers whatever kv message comes",
      "v2.faults.length": READS_ANY_LENGTH,
    },
  },
  "the host's strict version 1 fixture": { file: "packages/server/tests/plugins/v1-strict.py" },
  "the host's direct version 1 fixture": { file: "packages/server/tests/plugins/v1-direct.py" },
};

async function built(file: string, build: readonly string[], folder: string): Promise<string> {
  const output = join(folder, "built.binary");
  const child = Bun.spawn([...build, output], { cwd: dirname(file), stdout: "ignore", stderr: "pipe" });
  const complaint = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`the build of ${file} failed: ${complaint}`);
  return output;
}

describe.concurrent("the exam is passed by", () => {
  test.each(Object.entries(EXAMINED))("%s", async (_name, { file, beside = {}, known = {}, build }) => {
    const folder = await mkdtemp(join(tmpdir(), "toru-built-"));
    try {
      const executable = build === undefined ? join(ROOT, file) : await built(join(ROOT, file), build, folder);
      const report = await examOf(executable, { knownFailures: new Map(Object.entries(known)) }, beside);
      expect(complaints(report)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("the README's plugin, as far as it must", async () => {
    const [, behind = ""] = (await Bun.file(join(ROOT, "README.md")).text()).split("<!-- first plugin");
    const text = behind.slice(behind.indexOf("```python\n") + "```python\n".length, behind.indexOf("\n```\n"));
    const folder = await mkdtemp(join(tmpdir(), "toru-readme-"));
    try {
      await Bun.write(join(folder, "hello.py"), text);
      const report = await examOf(join(folder, "hello.py"));
      expect(complaints(report, false)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
