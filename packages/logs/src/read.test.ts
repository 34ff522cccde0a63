import { afterEach, expect, test } from "bun:test";
import { appendFile, readdir, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { LogPage, LogQuery, LogReader, NewLogEntry } from "@toru/core";
import { openLogStore } from "./open-log-store.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.fixture.ts";

afterEach(removeTemporaryFolders);

async function storeWith(entries: Iterable<string | NewLogEntry>, maxFileBytes = 4_096) {
  const store = await openLogStore({ directory: await temporaryFolder(), maxFileBytes });
  const writer = store.plugin("acme");
  for (const entry of entries) {
    await writer.write(typeof entry === "string" ? { level: "info", message: entry } : entry);
  }
  await writer.flush();
  return { store, writer, reader: store.pluginReader("acme") };
}

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const messages = (page: LogPage) => page.logs.map(({ message }) => message);

/** All pages by cursor, as one list, oldest first. */
async function walk(reader: LogReader, query: Omit<LogQuery, "page">): Promise<string[]> {
  let all: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page: LogPage = await reader.read({ page: 1, ...query, ...(cursor ? { cursor } : {}) });
    all = messages(page).concat(all);
    cursor = page.cursor;
  } while (cursor !== null);
  return all;
}

test("page 1 is the newest, a page reads oldest first, pages meet across rotated files", async () => {
  const { store, writer, reader } = await storeWith(numbered(0, 150));
  expect((await readdir(join(store.directory, "plugins"))).length).toBeGreaterThan(3);
  expect(await reader.read({ page: 1, pageSize: 3 })).toMatchObject({ total: 150, cursor: expect.any(String) });
  expect(messages(await reader.read({ page: 1, pageSize: 3 }))).toEqual(numbered(147, 150));
  for (let page = 1; page <= 4; page += 1) {
    const found = await reader.read({ page, pageSize: 40 });
    expect(messages(found)).toEqual(numbered(Math.max(0, 150 - page * 40), 150 - (page - 1) * 40));
    expect(found.cursor === null).toBe(page === 4);
  }
  expect(await reader.read({ page: 5, pageSize: 40 })).toEqual({ logs: [], total: 150, cursor: null });
  expect(await walk(reader, { pageSize: 7 })).toEqual(numbered(0, 150));
  expect((await reader.read({ page: 1, pageSize: 150 })).cursor).toBeNull();
  expect(writer.path).toStartWith(store.directory);
  await store.close();
});

test("a log without a file is empty", async () => {
  const { store, reader } = await storeWith([]);
  expect(await reader.read({ page: 1, pageSize: 10 })).toEqual({ logs: [], total: 0, cursor: null });
  expect(await reader.read({ page: 1, pageSize: 10, cursor: await reader.tailCursor() })).toMatchObject({ logs: [] });
  await store.close();
});

test("a cursor does not shift while lines arrive and files rotate", async () => {
  const { store, writer, reader } = await storeWith(numbered(0, 60));
  const first = await reader.read({ page: 1, pageSize: 20 });
  expect(messages(first)).toEqual(numbered(40, 60));
  for (const message of numbered(60, 130)) await writer.write({ level: "info", message });
  await writer.flush();
  const second = await reader.read({ page: 1, pageSize: 20, cursor: first.cursor ?? "" });
  expect(messages(second)).toEqual(numbered(20, 40));
  expect(second.total).toBe(130);
  await store.close();
});

test("a cursor whose file is gone is before all lines, also where the inode is used again", async () => {
  const { store, writer, reader } = await storeWith(numbered(0, 60));
  const { cursor } = await reader.read({ page: 1, pageSize: 20 });
  for (const message of numbered(0, 1_000)) await writer.write({ level: "info", message });
  await writer.flush();
  const page = await reader.read({ page: 1, pageSize: 20, cursor: cursor ?? "" });
  expect(page).toMatchObject({ logs: [], cursor: null });
  expect(page.total).toBeGreaterThan(100);
  await store.close();
});

test("what is no cursor is refused", async () => {
  const { store, reader } = await storeWith(numbered(0, 5));
  const { cursor } = await reader.read({ page: 1, pageSize: 2 });
  const amid = (cursor ?? "").replace(/.$/, (digit) => (digit === "1" ? "2" : "1"));
  for (const wrong of ["", "x", "1.2", "-1.2.3", "1.2.3.4", "../../etc", amid]) {
    const outcome: unknown = await reader
      .read({ page: 1, pageSize: 2, cursor: wrong })
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject({ name: "LogError", code: "invalid_cursor" });
  }
  const signal = AbortSignal.timeout(1_000);
  expect(() => reader.follow({ after: "x", signal })).toThrow(expect.objectContaining({ code: "invalid_cursor" }));
  await store.close();
});

test("what other writers escape is found, too", async () => {
  const { store, reader } = await storeWith([{ level: "info", message: 'Żółw says "hello/there", ⏱' }]);
  const foreign = String.raw`{"timestamp": "2026-01-01T00:00:00Z", "message": "\u017b\u00f3\u0142w says \"hello\/there\"", "fields": {"a": [1, 2]}}`;
  await appendFile(store.plugin("acme").path, `${foreign}\n`);
  const count = async (q: string) => (await reader.read({ page: 1, pageSize: 10, q })).total;
  for (const q of ["żółw", "ŻÓŁ", "ółW SAYS", 'says "Hello', "hello/there", "ż", '"']) {
    expect([q, await count(q)]).toEqual([q, 2]);
  }
  expect(await count('{"a":[1,2]}')).toBe(1);
  expect(await count("⏱")).toBe(1);
  for (const q of ["żołw", "ł says", "says hello", "⏱!"]) expect([q, await count(q)]).toEqual([q, 0]);
  await store.close();
});

test("rare lines are all found, wherever in the chunks of a large log they lie", async () => {
  const rare = new Set([0, 1, 1_700, 5_000, 5_001, 9_998, 9_999]);
  const message = (index: number) => `${rare.has(index) ? "Needle" : "hay"} ${index} ${"x".repeat((index * 37) % 300)}`;
  const { store, reader } = await storeWith(
    Array.from({ length: 10_000 }, (_, index) => ({ level: "info", message: message(index) })),
    8 * 1024 * 1024,
  );
  const found = await walk(reader, { pageSize: 2, q: "needle" });
  expect(found).toEqual([...rare].map(message));
  await store.close();
});

test("level is a minimum; q is sought in message, error and fields without regard to case", async () => {
  const { store, reader } = await storeWith([
    { level: "debug", message: "Needle in debug" },
    { level: "info", message: "plain" },
    { level: "warn", message: "two", error: "the NEEDLE broke" },
    { level: "error", message: "three", fields: { where: { deep: "neeDle" } } },
    { level: "error", message: "four Ünïcode" },
  ]);
  const find = async (query: Partial<LogQuery>) => {
    const page = await reader.read({ page: 1, pageSize: 10, ...query });
    expect(page.total).toBe(page.logs.length);
    return messages(page);
  };
  expect(await find({ level: "warn" })).toEqual(["two", "three", "four Ünïcode"]);
  expect(await find({ level: "debug" })).toHaveLength(5);
  expect(await find({ q: "needle" })).toEqual(["Needle in debug", "two", "three"]);
  expect(await find({ q: "nEEDle", level: "error" })).toEqual(["three"]);
  expect(await find({ q: "üNÏC" })).toEqual(["four Ünïcode"]);
  expect(await find({ q: "timestamp" })).toEqual([]);
  await store.close();
});

test("filtered pages and totals hold across rotation", async () => {
  const entries = Array.from({ length: 150 }, (_, index) => ({
    level: index % 10 === 0 ? ("error" as const) : ("info" as const),
    message: `line ${index}`,
  }));
  const { store, reader } = await storeWith(entries);
  const errors = Array.from({ length: 15 }, (_, index) => `line ${index * 10}`);
  expect(await walk(reader, { pageSize: 4, level: "error" })).toEqual(errors);
  expect((await reader.read({ page: 2, pageSize: 4, level: "error" })).total).toBe(15);
  expect(messages(await reader.read({ page: 2, pageSize: 4, level: "error" }))).toEqual(errors.slice(7, 11));
  expect(await walk(reader, { pageSize: 4, q: "LINE 14" })).toEqual(["line 14", ...numbered(140, 150)]);
  await store.close();
});

test("foreign, torn and unfinished lines are passed over and not counted", async () => {
  const { store, writer, reader } = await storeWith(["first"], 1024 * 1024);
  const foreign = [
    "hello",
    "",
    '{"timestamp":"2026-01-31T12:00:00Z","mess',
    '{"timestamp":"2026-01-31T12:00:00Z","level":"WARNING","message":"own"}',
    "x".repeat(700_000),
    '{"timestamp":"2026-01-31T12:00:00Z","level":"debug","message":"after a long line"}',
    '{"timestamp":"2026-01-31T12:00:00Z","level":"info","message":"unfinished"}',
  ];
  await appendFile(writer.path, foreign.join("\n"));
  const page = await reader.read({ page: 1, pageSize: 10 });
  expect(messages(page)).toEqual(["first", "own", "after a long line"]);
  expect(page.total).toBe(3);
  expect(page.logs[1]).toMatchObject({ level: "warn", plugin: "acme" });
  await writer.write({ level: "info", message: "last" });
  await writer.flush();
  expect(messages(await reader.read({ page: 1, pageSize: 2 }))).toEqual(["unfinished", "last"]);
  await store.close();
});

test("lines around the borders of chunks are read once each", async () => {
  // Lines of all lengths up to 600 bytes shift against the 256 KiB chunks.
  const entries = Array.from({ length: 5_000 }, (_, index) => `line ${index} ${"é".repeat(index % 300)}`);
  const { store, reader } = await storeWith(entries, 64 * 1024 * 1024);
  expect(await walk(reader, { pageSize: 611 })).toEqual(entries);
  expect((await reader.read({ page: 1, pageSize: 1, q: "LINE 4" })).total).toBe(1_111);
  await store.close();
});

test("totals follow a log that grows, is cut short and is removed", async () => {
  const { store, writer, reader } = await storeWith(numbered(0, 20));
  const total = async () => (await reader.read({ page: 1, pageSize: 1 })).total;
  expect(await total()).toBe(20);
  await writer.write({ level: "info", message: "more" });
  await writer.flush();
  expect(await total()).toBe(21);
  await truncate(writer.path, 0);
  expect(await total()).toBe(0);
  await writer.write({ level: "info", message: "again" });
  await writer.flush();
  expect(await total()).toBe(1);
  await unlink(writer.path);
  expect(await total()).toBe(0);
  await store.close();
});
