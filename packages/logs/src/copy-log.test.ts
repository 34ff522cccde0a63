import { afterEach, expect, test } from "bun:test";
import { appendFile, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { LogCopy, LogLevel, LogQuery, LogReader } from "@toru/core";
import { openLogStore } from "./open-log-store.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.fixture.ts";

afterEach(removeTemporaryFolders);

const LEVELS: LogLevel[] = ["debug", "info", "warn", "error"];

/** A log of several files, with what plugins may have appended themselves. */
async function filledStore() {
  const store = await openLogStore({ directory: await temporaryFolder(), maxFileBytes: 4_096, keep: 5 });
  const writer = store.plugin("acme");
  const write = async (from: number, to: number) => {
    for (let number = from; number < to; number += 1) {
      await writer.write({ level: LEVELS[number % 4] ?? "info", message: `line ${number} äöü` });
    }
    await writer.flush();
  };
  await write(0, 60);
  await appendFile(
    writer.path,
    'no JSON\n{"timestamp":"2026-01-01T00:00:00Z","message":"foreign","level":"fatal"}\n\n',
  );
  await appendFile(writer.path, `${"x".repeat(700_000)}\n`);
  await write(60, 100);
  return { store, path: writer.path, reader: store.pluginReader("acme"), write };
}

async function filesOf(path: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let age = 6; age >= 0; age -= 1) {
    parts.push(await readFile(age === 0 ? path : `${path}.${age}`).catch(() => Buffer.alloc(0)));
  }
  return Buffer.concat(parts);
}

async function read(copy: LogCopy): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let bytes = await copy.next(); bytes !== null; bytes = await copy.next()) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts);
}

async function pagesOf(reader: LogReader, query: Partial<LogQuery>): Promise<object[]> {
  return (await reader.read({ page: 1, pageSize: 1_000, ...query })).logs;
}

async function openFilesUnder(folder: string): Promise<number> {
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  return links.filter((link) => link.startsWith(folder)).length;
}

test("without a filter a copy has the bytes of all files, oldest first", async () => {
  const { store, path, reader } = await filledStore();
  expect((await readdir(join(store.directory, "plugins"))).length).toBeGreaterThan(2);
  await using copy = await reader.copy({});
  expect((await read(copy)).equals(await filesOf(path))).toBe(true);
  expect(await copy.next()).toBeNull();
  await store.close();
});

test("an unfinished last line is copied too", async () => {
  const { store, path, reader } = await filledStore();
  await appendFile(path, '{"timestamp":"2026-01-0');
  await using copy = await reader.copy({ q: "" });
  expect((await read(copy)).equals(await filesOf(path))).toBe(true);
  await store.close();
});

test.each([1, 60, 400])("%d lines written and rotated during the copy neither take nor add a byte", async (more) => {
  const { store, path, reader, write } = await filledStore();
  const expected = await filesOf(path);
  await using copy = await reader.copy({});
  const first = await copy.next();
  await write(100, 100 + more);
  expect((await filesOf(path)).equals(expected)).toBe(false);
  expect(Buffer.concat([first ?? Buffer.alloc(0), await read(copy)]).equals(expected)).toBe(true);
  await store.close();
});

test.each<{ level?: LogLevel; q?: string }>([
  { level: "warn" },
  { level: "debug" },
  { q: "LINE 7" },
  { level: "error", q: "äöü" },
  { level: "error", q: "foreign" },
  { q: "nowhere" },
])("with the filter %j it has the lines that the pages show, as they stand in the files", async (filter) => {
  const { store, path, reader } = await filledStore();
  await using copy = await reader.copy(filter);
  const lines = (await read(copy)).toString().split("\n");
  expect(lines.pop()).toBe("");
  const stored = new Set((await filesOf(path)).toString().split("\n"));
  for (const line of lines) expect(stored.has(line)).toBe(true);
  const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message);
  const shown = (await pagesOf(reader, filter)).map((entry) => (entry as { message: string }).message);
  expect(messages).toEqual(shown);
  await store.close();
});

test("disposing closes the files, in the middle, at the start and twice", async () => {
  const { store, reader } = await filledStore();
  await store.close();
  for (const reads of [0, 1, 2]) {
    const copy = await reader.copy(reads === 2 ? { level: "info" } : {});
    expect(await openFilesUnder(store.directory)).toBeGreaterThan(1);
    for (let count = 0; count < reads; count += 1) await copy.next();
    const late = reads === 2 ? copy.next() : null;
    await copy[Symbol.asyncDispose]();
    await copy[Symbol.asyncDispose]();
    await late;
    expect(await openFilesUnder(store.directory)).toBe(0);
    expect(await copy.next()).toBeNull();
  }
});

test("a log without a file is empty", async () => {
  const store = await openLogStore({ directory: await temporaryFolder() });
  await using copy = await store.pluginReader("acme").copy({});
  expect(await copy.next()).toBeNull();
  await store.close();
});
