import { afterEach, expect, test } from "bun:test";
import { appendFile, mkdir, rename, rm, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FollowedEntry, LogWriter } from "@toru/core";
import { take } from "./follow.fixture.ts";
import { openLogStore } from "./open-log-store.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.fixture.ts";

afterEach(removeTemporaryFolders);

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const messages = (items: FollowedEntry[]) => items.map(({ entry }) => entry.message);

async function writeAll(writer: LogWriter, lines: Iterable<string>): Promise<void> {
  for (const message of lines) await writer.write({ level: "info", message });
  await writer.flush();
}

async function open(maxFileBytes = 64 * 1024) {
  const store = await openLogStore({ directory: await temporaryFolder(), maxFileBytes });
  const stop = new AbortController();
  const reader = store.pluginReader("acme");
  const follow = (options: { after?: string; level?: "warn"; q?: string } = {}) =>
    reader.follow({ ...options, signal: stop.signal })[Symbol.asyncIterator]();
  const end = async (...iterators: AsyncIterator<FollowedEntry>[]) => {
    stop.abort();
    for (const iterator of iterators) expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await store.close();
  };
  return { store, writer: store.plugin("acme"), reader, follow, end };
}

function appendFromOutside(path: string, count: number, mode: "lines" | "halves") {
  const script = join(import.meta.dir, "appender.fixture.ts");
  return Bun.spawn([process.execPath, script, path, String(count), mode], { stdout: "inherit", stderr: "inherit" });
}

test("what is written after the call is followed, also into a file that is not there yet", async () => {
  const { writer, follow, end } = await open();
  const early = follow();
  await writeAll(writer, ["one", "two"]);
  const late = follow();
  await writeAll(writer, ["three"]);
  expect(messages(await take(early, 3))).toEqual(["one", "two", "three"]);
  expect(messages(await take(late, 1))).toEqual(["three"]);
  await end(early, late);
});

test("an abort ends a follower that waits", async () => {
  const { follow, end } = await open();
  const iterator = follow();
  const waiting = iterator.next();
  const before = performance.now();
  await end();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(performance.now() - before).toBeLessThan(5_000);
});

test("a flood across many rotations is followed without loss or doubling", async () => {
  const { store, writer, follow, end } = await open(2 * 1024 * 1024);
  const iterator = follow();
  const [items] = await Promise.all([take(iterator, 100_000), writeAll(writer, numbered(0, 100_000))]);
  expect(messages(items)).toEqual(numbered(0, 100_000));
  expect(await Bun.file(`${writer.path}.2`).exists()).toBe(true);
  expect(store.lost).toBe(0);
  await end(iterator);
}, 60_000);

test("resuming behind any cursor continues with the next line, across rotation", async () => {
  const { writer, follow, end } = await open(4_096);
  const whole = follow();
  await writeAll(writer, numbered(0, 150));
  const items = await take(whole, 150);
  for (let index = 0; index < 150; index += 13) {
    const resumed = follow({ after: items[index]?.cursor ?? "" });
    expect(messages(await take(resumed, 149 - index))).toEqual(numbered(index + 1, 150));
    await resumed.return?.();
  }
  await end(whole);
});

test("a snapshot and what follows it meet at the tail cursor", async () => {
  const { writer, reader, follow, end } = await open(4_096);
  for (const before of [0, 10, 90]) {
    await writeAll(writer, numbered(0, before));
    const tail = await reader.tailCursor();
    await writeAll(writer, numbered(before, before + 50));
    const page = await reader.read({ page: 1, pageSize: 10, cursor: tail });
    expect(page.logs.map(({ message }) => message)).toEqual(before === 0 ? [] : numbered(before - 10, before));
    const iterator = follow({ after: tail });
    expect(messages(await take(iterator, 50))).toEqual(numbered(before, before + 50));
    await iterator.return?.();
  }
  await end();
});

test("a cursor whose file is gone continues from now", async () => {
  const { writer, follow, end } = await open(4_096);
  const whole = follow();
  await writeAll(writer, ["first"]);
  const [first] = await take(whole, 1);
  await writeAll(writer, numbered(0, 1_000));
  const resumed = follow({ after: first?.cursor ?? "" });
  const next = resumed.next();
  await Bun.sleep(300);
  await writeAll(writer, ["new"]);
  expect((await next).value).toMatchObject({ entry: { message: "new" } });
  await end(resumed);
  await whole.return?.();
});

test("only chosen lines are followed", async () => {
  const { writer, follow, end } = await open();
  const iterator = follow({ level: "warn", q: "disk" });
  await writer.write({ level: "info", message: "disk" });
  await writer.write({ level: "warn", message: "cpu" });
  await writer.write({ level: "error", message: "Disk full" });
  expect(messages(await take(iterator, 1))).toEqual(["Disk full"]);
  await end(iterator);
});

test("an unfinished line is waited for", async () => {
  const { writer, follow, end } = await open();
  const line = '{"timestamp":"2026-01-31T12:00:00Z","level":"INFO","message":"whole"}\n';
  await appendFile(writer.path, line.slice(0, 30));
  const iterator = follow();
  const next = iterator.next();
  await appendFile(writer.path, line.slice(30, 50));
  expect(await Promise.race([next, Bun.sleep(500).then(() => "waits")])).toBe("waits");
  await appendFile(writer.path, line.slice(50));
  expect((await next).value).toMatchObject({ entry: { message: "whole", plugin: "acme" } });
  await end(iterator);
});

test("lines of another process are followed, in whole lines and in halves", async () => {
  const { writer, follow, end } = await open();
  for (const mode of ["lines", "halves"] as const) {
    const iterator = follow();
    const child = appendFromOutside(writer.path, 500, mode);
    const items = await take(iterator, 500);
    expect(messages(items)).toEqual(Array.from({ length: 500 }, (_, index) => `own ${index}`));
    expect(await child.exited).toBe(0);
    await iterator.return?.();
  }
  await end();
});

test("the host and a plugin that append to one file at once lose none of each other's lines", async () => {
  const { store, writer, reader, follow, end } = await open(64 * 1024 * 1024);
  const iterator = follow();
  const child = appendFromOutside(writer.path, 2_000, "lines");
  const writing = (async () => {
    for (let index = 0; index < 2_000; index += 1) {
      await writer.write({ level: "info", message: `line ${index}` });
      if (index % 10 === 0) await writer.flush();
    }
    await writer.flush();
  })();
  const [items] = await Promise.all([take(iterator, 4_000), writing, child.exited]);
  const all = messages(items);
  expect(all.filter((message) => message.startsWith("line"))).toEqual(numbered(0, 2_000));
  expect(all.filter((message) => message.startsWith("own"))).toHaveLength(2_000);
  expect((await reader.read({ page: 1, pageSize: 1 })).total).toBe(4_000);
  expect(store.lost).toBe(0);
  await end(iterator);
}, 60_000);

test("a file that is removed, renamed, cut short or lost with its folder is followed into its successor", async () => {
  const { store, writer, follow, end } = await open();
  await writeAll(writer, ["before"]);
  const iterator = follow();
  await writeAll(writer, ["zero"]);
  expect(messages(await take(iterator, 1))).toEqual(["zero"]);
  const line = (message: string) => `{"timestamp":"2026-01-31T12:00:00Z","level":"INFO","message":"${message}"}\n`;

  await unlink(writer.path);
  await appendFile(writer.path, line("removed"));
  expect(messages(await take(iterator, 1))).toEqual(["removed"]);

  await appendFile(writer.path, line("the rest"));
  await rename(writer.path, `${writer.path}.old`);
  await appendFile(writer.path, line("renamed"));
  expect(messages(await take(iterator, 2))).toEqual(["the rest", "renamed"]);

  await writeFile(writer.path, line("short"));
  expect(messages(await take(iterator, 1))).toEqual(["short"]);

  await rm(store.directory, { recursive: true });
  await mkdir(dirname(writer.path), { recursive: true });
  await appendFile(writer.path, line("new folder"));
  expect(messages(await take(iterator, 1))).toEqual(["new folder"]);
  await end(iterator);
});
