import { describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExamError, examine, type ExamineOptions, type ExamReport } from "../src/index.ts";
import { complaints, examOf } from "./exam-of.ts";

const GOOD = join(import.meta.dir, "plugins/v2.py");
const MANIFEST = '{"id": "sh", "name": "Shell", "version": "1", "icon": "🐚", "route": "/sh", "protocol": 2}';

/** Examines a shell script. */
async function examOfScript(script: string, options?: ExamineOptions): Promise<ExamReport> {
  const folder = await mkdtemp(join(tmpdir(), "toru-script-"));
  const file = join(folder, "sh.binary");
  try {
    await Bun.write(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    return await examine(file, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.concurrent("a program that is no plugin at all fails at the first gate that it cannot pass", () => {
  test.each([
    ["prints nothing", "exit 0", "manifest.output", "nothing"],
    ["prints for ever", "yes", "manifest.output", "more than 256 KiB"],
    ["complains for ever", "yes >&2", "manifest.exit", "SIGKILL"],
    ["fails", "echo no config >&2; exit 7", "manifest.exit", "code 7; stderr: no config"],
    ["hangs", "sleep 1000", "manifest.exit", "still ran after 5 s"],
    ["leaves a child with its pipes", `echo '${MANIFEST}'; sleep 1000 &`, "process.socket", "ended before"],
    ["ends instead of serving", `echo '${MANIFEST}'`, "process.socket", "ended with code 0"],
    ["has a wrong manifest", `echo '{"id": "a b"}'`, "manifest.fields", "name is missing"],
  ])("%s", async (_name, script, gate, words) => {
    const report = await examOfScript(script);
    expect(complaints(report)).toEqual([expect.stringMatching(new RegExp(`^${gate}: .*${words}`, "s"))]);
    const asked = report.results
      .filter(({ outcome }) => outcome.status !== "skipped")
      .map(({ examCase }) => examCase.id);
    expect(asked.at(-1)).toBe(gate);
  });

  test("a file at the path of the socket that nobody listens on is told as such", async () => {
    const serve = `if [ "$1" = --metadata ]; then echo '${MANIFEST}'; exit; fi; : > "$TORU_PLUGIN_SOCKET"; exec sleep 1000`;
    const [failed] = complaints(await examOfScript(serve, { selected: ({ id }) => id === "process.socket" }));
    expect(failed).toStartWith("process.socket: nobody listened at TORU_PLUGIN_SOCKET within 10 s");
  });
});

test.concurrent("a plugin that leaves requests without an answer is asked nothing more about http", async () => {
  const silent = (text: string) =>
    text.replace("\ndef respond(", "\ndef never(").replace("respond(self,", "time.sleep(99);(");
  const report = await examOf(GOOD, {}, {}, silent);
  expect(complaints(report)).toEqual([expect.stringMatching(/^v2[.]http[.]reply: no reply to the http request/)]);
  const asked = report.results.filter(({ outcome }) => outcome.status === "passed");
  expect(asked.map(({ examCase }) => examCase.id)).toContain("v2.ping");
});

test("an interpreter that is not there is told, and nothing is examined", async () => {
  const folder = await mkdtemp(join(tmpdir(), "toru-script-"));
  const file = join(folder, "sh.binary");
  await Bun.write(file, "#!/no/such/interpreter\n");
  await chmod(file, 0o755);
  const error: unknown = await examine(file).catch((cause: unknown) => cause);
  await rm(folder, { recursive: true });
  expect(error).toBeInstanceOf(ExamError);
  expect(String(error)).toContain("the interpreter that its first line names is not there");
});

test("a temporary folder that is too long for a socket is told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "toru-long-"));
  const long = join(folder, "x".repeat(100));
  await mkdir(long);
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = long;
  try {
    expect(await examOf(GOOD).catch(String)).toContain("set TMPDIR to a shorter folder");
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    await rm(folder, { recursive: true });
  }
});

test("a plugin that prints without end is examined like any other", async () => {
  const noisy = (text: string) =>
    text.replace(
      "\ndef main():\n",
      "\ndef main():\n    if '--metadata' not in sys.argv:\n        __import__('subprocess').Popen('yes')\n",
    );
  const report = await examOf(GOOD, { selected: ({ id }) => id.startsWith("v2.frames") }, {}, noisy);
  expect(complaints(report)).toEqual([]);
});
