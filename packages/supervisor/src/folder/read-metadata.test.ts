import { describe, expect, test } from "bun:test";
import type { ManifestResult } from "@toru/core";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRunning } from "../is-running.fixture.ts";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { until } from "../until.fixture.ts";
import { readMetadata } from "./read-metadata.ts";

const MANIFEST = '{"id": "acme", "name": "Acme", "version": "1", "icon": "box", "route": "/acme"}';

/** Runs this text as a program, and returns what its metadata were read as and the folder it may write to. */
async function run(
  text: string,
  timeoutMs = 10_000,
): Promise<AsyncDisposable & { folder: string; result: ManifestResult }> {
  const folder = await temporaryFolder();
  const path = join(folder.path, "acme.binary");
  await writeFile(path, text, { mode: 0o755 });
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", MARK: "seen" };
  const result = await readMetadata({ path, prefix: [], cwd: folder.path, env, timeoutMs, onSpawn: () => undefined });
  return { folder: folder.path, result, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function reason(text: string, timeoutMs?: number): Promise<string> {
  await using ran = await run(text, timeoutMs);
  return ran.result.ok ? "it was read" : ran.result.reason;
}

describe("readMetadata", () => {
  test("gives --metadata, and nothing else of the host's environment than it is told to", async () => {
    await using ran = await run(
      `#!/bin/sh\n[ "$*" = --metadata ] || exit 9\nenv > seen\necho noise >&2\necho '${MANIFEST}'\n`,
    );
    expect(ran.result).toMatchObject({ ok: true, manifest: { id: "acme", protocol: 1 } });
    const seen = await readFile(join(ran.folder, "seen"), "utf8");
    expect(seen).toContain("MARK=seen");
    expect(seen).not.toContain("HOME=");
  });

  test("what it prints and is no manifest is refused", async () => {
    expect(await reason("#!/bin/sh\necho this is no JSON\n")).toContain("JSON");
    expect(await reason("#!/bin/sh\n")).not.toBe("it was read");
    expect(await reason(`#!/bin/sh\necho '${MANIFEST}' and more\n`)).toContain("JSON");
  });

  test("a failure says the exit code and its own words; a signal says its name", async () => {
    expect(await reason("#!/bin/sh\necho 'no license found' >&2; exit 3\n")).toBe(
      "--metadata exited with code 3: no license found",
    );
    expect(await reason("#!/bin/sh\nkill -SEGV $$\n")).toContain("was killed by SIGSEGV");
  });

  test("megabytes of output, on stdout or stderr, end it", async () => {
    const flood = "head -c 20000000 /dev/zero";
    expect(await reason(`#!/bin/sh\n${flood}\n`)).toContain("more than 256 KiB");
    expect(await reason(`#!/bin/sh\n${flood} >&2\necho '${MANIFEST}'\n`)).toContain("more than 256 KiB");
  });

  test("one that hangs is killed after the limit, with the children in its group", async () => {
    await using ran = await run("#!/bin/sh\nsleep 1000 &\necho $! $$ > pids\nwait\n", 300);
    expect(ran.result).toMatchObject({ ok: false, reason: "--metadata did not end within 0.3 s" });
    const pids = (await readFile(join(ran.folder, "pids"), "utf8")).trim().split(" ").map(Number);
    expect(pids).toHaveLength(2);
    await until("both are gone", async () => !(await Promise.all(pids.map(isRunning))).includes(true));
  });

  test("a child that holds the pipes open does not hold up the answer", async () => {
    const before = performance.now();
    await using ran = await run(`#!/bin/sh\nsetsid sleep 6 &\necho $! > pid\nsleep 0.3\necho '${MANIFEST}'\n`);
    expect(ran.result.ok).toBe(true);
    expect(performance.now() - before).toBeLessThan(4_000);
    process.kill(Number(await readFile(join(ran.folder, "pid"), "utf8")), "SIGKILL");
  });

  test("a file that cannot be started says why in words", async () => {
    expect(await reason("#!/no/such/interpreter\n")).toContain("interpreter");
    expect(await reason("\u0000\u0001\u0002 no program")).toContain("ENOEXEC");
  });

  test("a file that is still open for writing is waited for, and told apart where that takes too long", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "acme.binary");
    await writeFile(path, `#!/bin/sh\necho '${MANIFEST}'\n`, { mode: 0o755 });
    const read = () =>
      readMetadata({
        path,
        prefix: [],
        cwd: folder.path,
        env: { PATH: "/usr/bin:/bin" },
        timeoutMs: 10_000,
        onSpawn: () => undefined,
      });
    const writer = await open(path, "r+");
    const reading = read();
    await Bun.sleep(50);
    await writer.close();
    expect(await reading).toMatchObject({ ok: true });
    const slowWriter = await open(path, "r+");
    const refused = await read();
    expect(refused).toMatchObject({ ok: false, mayPass: "soon", reason: expect.stringContaining("open for writing") });
    await slowWriter.close();
  });
});
