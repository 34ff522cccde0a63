import { describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALL_CASES } from "../src/index.ts";
import { installed, ROOT } from "./exam-of.ts";

const GOOD = join(import.meta.dir, "plugins/v2.py");
const MAIN = join(import.meta.dir, "../src/main.ts");
const SERVER = join(ROOT, "packages/server/src/main.ts");
/** A way to the command, which must not matter. */
const WAYS = [[MAIN], [SERVER, "check"]];

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

async function check(args: readonly string[], way = [MAIN], env: Record<string, string> = {}): Promise<Ended> {
  const child = Bun.spawn([process.execPath, ...way, ...args], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const [stdout, stderr] = await output;
  return { code: await child.exited, stdout, stderr };
}

/** Waits until `probe` finds something, for 20 s. */
async function until<T>(what: string, probe: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = await probe();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error(`this did not happen: ${what}`);
    await Bun.sleep(20);
  }
}

describe.concurrent("exit codes", () => {
  test.each(WAYS)("0 where all was right, 1 where a must failed, by %s", async (...way) => {
    await using good = await installed(GOOD);
    await using bad = await installed(GOOD, { "exam.json": '{"broken": "v2.ping"}' });
    const only = ["--only", "v2.ping"];
    expect(await check([good.path, ...only], way)).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await check([bad.path, ...only], way);
    expect([code, stdout]).toEqual([1, expect.stringContaining("FAIL  v2.ping ")]);
  });

  test.each(WAYS)("2 where it could not be run, with what to do, by %s", async (...way) => {
    await using good = await installed(GOOD);
    const folder = join(good.path, "..");
    const text = join(folder, "text.binary");
    await Bun.write(text, "no program\n");
    const wrong: [string[], string][] = [
      [["/no/such/file"], "/no/such/file is not there"],
      [[folder], "is no file"],
      [[text], "chmod +x"],
      [[good.path, "--only", "v3"], "--list shows all"],
      [[good.path, "--known-failures", "/no/such/file"], "known failures cannot be read"],
      [[good.path, "--format", "poem"], "human"],
      [[good.path, "--fly"], "--fly"],
      [[], "toru check FILE"],
    ];
    const ended = await Promise.all(wrong.map(([args]) => check(args, way)));
    for (const [index, { code, stdout, stderr }] of ended.entries()) {
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(wrong[index]?.[1] ?? "");
    }
  });

  test("a should warns, and fails with --strict", async () => {
    await using plugin = await installed(GOOD, { "exam.json": '{"broken": "v2.http.head"}' });
    const args = [plugin.path, "--only", "v2.http.head"];
    const warned = await check(args);
    expect([warned.code, warned.stdout]).toEqual([0, expect.stringContaining("WARN  v2.http.head")]);
    expect((await check([...args, "--strict"])).code).toBe(1);
  });
});

describe.concurrent("known failures", () => {
  async function checkWith(broken: string, known: string): Promise<Ended> {
    await using plugin = await installed(GOOD, { "exam.json": JSON.stringify({ broken }), known });
    return await check([plugin.path, "--only", "v2.ping", "--known-failures", join(plugin.path, "../known")]);
  }

  test("still run, and are told as such", async () => {
    const { code, stdout } = await checkWith("v2.ping", "# a comment\n\nv2.ping: it says pang\n");
    expect([code, stdout]).toEqual([0, expect.stringContaining("1 failed as known")]);
    expect(stdout).toContain("known     it says pang");
  });

  test("one that passes fails the exam", async () => {
    const { code, stdout } = await checkWith("nothing", "v2.ping: it says pang\n");
    expect([code, stdout]).toEqual([1, expect.stringContaining("take it out of the file")]);
  });

  test.each([
    ["v2.pong: no such case", "there is no case"],
    ["v2.ping", "has no reason"],
    ["v2.ping:  ", "has no reason"],
  ])("%p is refused", async (line, why) => {
    const { code, stderr } = await checkWith("nothing", line);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  });
});

describe.concurrent("reports", () => {
  test("human: what was sent, what came, what the document says, what to do", async () => {
    await using plugin = await installed(GOOD, { "exam.json": '{"broken": "v2.ping"}' });
    const { stdout } = await check([plugin.path, "--only", "v2.ping", "--verbose"]);
    expect(stdout).toMatch(/sent {6}\{"type":"lifecycle".*"action":"ping"/);
    expect(stdout).toMatch(/came {6}ping was answered by \{"action":"pang"\}/);
    expect(stdout).toMatch(/document {2}ping is answered by .* \(spec\/README\.md, "lifecycle, host to plugin"/);
    expect(stdout).toMatch(/do {8}Answer every ping/);
    expect(stdout).toContain('← {"type":"lifecycle"');
  });

  test("json: one object with every case", async () => {
    await using plugin = await installed(GOOD, { "exam.json": '{"broken": "v2.http.status"}' });
    const { code, stdout } = await check([plugin.path, "--only", "v2.http.s", "--format", "json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      passed: false,
      manifest: { id: "exam", protocol: 2 },
      counts: { failed: 1, skipped: 1 },
      cases: [
        { id: "v2.http.status", verdict: "failed", severity: "must", came: expect.stringContaining('"404"') },
        { id: "v2.http.slow-and-quick", verdict: "skipped", reason: "needs the exam route (sleep)" },
      ],
    });
  });

  test("junit: counts, a failure, what was skipped, and no character that XML forbids", async () => {
    await using plugin = await installed(join(import.meta.dir, "plugins/v1.py"), {
      "exam.json": '{"broken": "v1.http.text"}',
    });
    const { stdout } = await check([plugin.path, "--only", "v1.http", "--only", "v2.ping", "--format", "junit"]);
    expect(stdout).toContain('<testsuite name="exam" tests="6" failures="1" skipped="1"');
    expect(stdout).toContain('<testcase classname="v1.http" name="v1.http.text"');
    expect(stdout).toContain('<skipped message="is about version 2');
    expect(stdout).not.toMatch(/[\0-\x08]/);
    const elements = Array.from(stdout.matchAll(/<(\/?)(testsuites|testsuite|testcase|failure)\b[^>]*?(\/?)>/g));
    const depth = elements.reduce((level, [, end, , empty]) => level + (end ? -1 : empty ? 0 : 1), 0);
    expect(depth).toBe(0);
  });

  test("--list has a line for each case", async () => {
    const { code, stdout } = await check(["--list"]);
    expect([code, stdout.trimEnd().split("\n").length]).toEqual([0, ALL_CASES.length]);
    expect((await check(["--list", "--only", "manifest"])).stdout.trimEnd().split("\n").length).toBe(4);
  });
});

describe.concurrent("nothing is left behind", () => {
  /** Runs the exam with a temporary folder of its own, which is where everything that it makes must be. */
  async function withOwnFolder(action: (folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "toru-own-"));
    await mkdir(join(folder, "t"));
    try {
      await action(join(folder, "t"));
      expect(await readdir(join(folder, "t"))).toEqual([]);
      expect(await processesOf(folder)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test("after an exam, also of a plugin that ignores SIGTERM and the end of stdin", async () => {
    await withOwnFolder(async (folder) => {
      await using plugin = await installed(GOOD, { "exam.json": '{"broken": "process.sigterm"}' });
      const { code } = await check([plugin.path, "--only", "process"], [MAIN], { TMPDIR: folder });
      expect(code).toBe(0); // it warns
    });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("after %s", async (signal) => {
    await withOwnFolder(async (folder) => {
      await using plugin = await installed(GOOD);
      const child = Bun.spawn([process.execPath, MAIN, plugin.path], {
        env: { ...process.env, TMPDIR: folder },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      await until("the exam has started plugins", async () => {
        const found = await processesOf(folder);
        return found.length > 2 ? found : null;
      });
      child.kill(signal);
      expect(await new Response(child.stderr).text()).toBe(`toru check: interrupted by ${signal}\n`);
      expect(await child.exited).toBe(2);
    });
  });
});

/** Processes that work in a folder or below it: the plugins of an exam have their data folder there. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await Bun.file(`/proc/${pid}/environ`)
      .text()
      .catch(() => ""); // ended meanwhile, or not ours to see
    if (environment.includes(`TORU_PLUGIN_SOCKET=${folder}`)) found.push(pid);
  }
  return found;
}
