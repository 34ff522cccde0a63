import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { residentBytes } from "./support/process-facts.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

interface LogPage {
  logs: { level: string; message: string }[];
  total: number;
}

const MIB = 1024 * 1024;

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    env: { TORU_BACKOFF_BASE_MS: "600000" },
    prepare: (host) => host.install("v2", "bystander"),
  });
  await host.reaches("bystander", "running", "healthy");
});

afterAll(async () => {
  expect(host.hasExited).toBe(false);
  await host[Symbol.asyncDispose]();
});

function logs(id: string, query = "page_size=5"): Promise<LogPage> {
  return host.json<LogPage>(`/api/plugins/${id}/logs?${query}`);
}

/** The messages of all files of a plugin's log, the oldest first. */
async function messagesInFiles(id: string): Promise<{ files: number; messages: string[] }> {
  const folder = join(host.logDir, "plugins");
  const age = (name: string) => Number(name.slice(`${id}.log.`.length) || "0");
  const names = (await readdir(folder)).filter((name) => name === `${id}.log` || name.startsWith(`${id}.log.`));
  const texts = await Promise.all(
    names.sort((a, b) => age(b) - age(a)).map((name) => readFile(join(folder, name), "utf8")),
  );
  const lines = texts.join("").split("\n").slice(0, -1);
  return { files: names.length, messages: lines.map((line) => (JSON.parse(line) as { message: string }).message) };
}

/** Asks the bystander until `work` is done; returns how long its slowest answer took, in milliseconds. */
async function slowestAnswerDuring(work: Promise<unknown>): Promise<number> {
  const during = { isDone: false };
  void work.finally(() => (during.isDone = true));
  let slowest = 0;
  while (!during.isDone) {
    const before = performance.now();
    expect((await host.fetch("/plugins/bystander/x")).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - before);
  }
  await work;
  return slowest;
}

describe("Plugin Observability: output that is too much or not text", () => {
  test("100,000 lines at once: all are in the log in order, across rotated files, and another plugin answers", async () => {
    const LINES = 100_000;
    await host.install("v2", "flood-of-lines");
    await host.reaches("flood-of-lines", "running", "healthy");
    const flood = host.fetch(`/plugins/flood-of-lines/stdout?lines=${LINES}`);
    expect(await slowestAnswerDuring(flood)).toBeLessThan(2_000);
    expect((await flood).status).toBe(200);
    await until("the API counts all lines", async () => (await logs("flood-of-lines")).total === LINES);
    const { files, messages } = await messagesInFiles("flood-of-lines");
    expect(files).toBeGreaterThan(1);
    expect(messages).toEqual(Array.from({ length: LINES }, (_, number) => `stdout line ${number}`));
    const newest = (await logs("flood-of-lines")).logs.map(({ message }) => message);
    expect(newest).toEqual([5, 4, 3, 2, 1].map((back) => `stdout line ${LINES - back}`));
  });

  test("an endless line of 200 MiB: its start is kept, the log says how much is missing, memory stays flat", async () => {
    const BYTES = 200 * MIB;
    await host.install("v2", "endless");
    await host.reaches("endless", "running", "healthy");
    const before = await residentBytes(host.pid);
    const printed = host.fetch(`/plugins/endless/endless-line?bytes=${BYTES}`);
    let most = before;
    const during = { isDone: false };
    void printed.finally(() => (during.isDone = true));
    while (!during.isDone) {
      most = Math.max(most, await residentBytes(host.pid));
      await Bun.sleep(10);
    }
    expect((await printed).status).toBe(200);
    expect((most - before) / MIB).toBeLessThan(50);
    await host.fetch("/plugins/endless/stdout?lines=2");
    const page = await until("both lines are there", async () => {
      const page = await logs("endless");
      return page.logs.length >= 2 && page;
    });
    expect(page.logs.map(({ message }) => message.length < 17_000)).toEqual([true, true]);
    const [cut, next] = page.logs.map(({ message }) => message);
    expect(cut).toStartWith("x".repeat(15_000));
    const kept = /^x+/.exec(cut ?? "")?.[0].length ?? 0;
    expect(cut).toEndWith(`[line cut: ${BYTES + "stdout line 0".length - kept} more bytes]`);
    expect(next).toBe("stdout line 1");
  });

  test("bytes that are no UTF-8, NUL and control codes: every line of the log is one line of JSON", async () => {
    const manifest = JSON.stringify({ id: "bytes", name: "Bytes", version: "1", icon: "box", route: "/bytes" });
    await host.installText(
      "bytes.binary",
      `#!/bin/sh
[ "$1" = --metadata ] && echo '${manifest}' && exit
printf '\\377\\376bad\\nnul\\000here\\n\\033[31mred\\033[0m\\a\\b\\n\\302\\205next\\342\\200\\250line\\ncr\\rmiddle\\r\\n\\n'
printf '{"level": "error", "message": "told as JSON", "code": 7}\\n{"level": broken\\n\\355\\240\\200half' >&2
exit 3
`,
    );
    const plugin = await host.reaches("bytes", "backoff");
    await until("all lines are in the log", async () => (await logs("bytes")).total === 9);
    const { messages } = await messagesInFiles("bytes");
    const stdout = ["��bad", "nul\0here", "\u001b[31mred\u001b[0m\u0007\b", "\u0085next\u2028line", "cr\rmiddle", ""];
    expect(messages.filter((message) => stdout.includes(message))).toEqual(stdout);
    const stderr = ["told as JSON", '{"level": broken', "���half"];
    expect(messages.filter((message) => stderr.includes(message))).toEqual(stderr);
    expect(messages).toHaveLength(stdout.length + stderr.length);
    const raw = await readFile(join(host.logDir, "plugins", "bytes.log"), "latin1");
    expect(raw.replaceAll("\n", "")).not.toMatch(/[\x00-\x1f\x7f]/);
    expect((await logs("bytes", "level=error")).logs.map(({ message }) => message)).toEqual(["told as JSON"]);
    expect(plugin.crash).toMatchObject({ code: 3 });
    expect(plugin.crash?.output).toContain("nul\0here");
  });

  test("a million NULs without an end do not stop the log", async () => {
    await host.install("v2", "nuls");
    await host.reaches("nuls", "running", "healthy");
    const text = encodeURIComponent("\0").repeat(1_000);
    expect((await host.fetch(`/plugins/nuls/stderr?lines=1000&text=${text}`)).status).toBe(200);
    await until("all lines are there", async () => (await logs("nuls")).total === 1_000);
    expect((await host.fetch("/plugins/nuls/x")).status).toBe(200);
  });
});
