import { afterEach, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { LogWriter } from "@toru/core";
import { take } from "./follow.fixture.ts";
import { openLogStore } from "./open-log-store.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.fixture.ts";
import { watchDirectory, type WatchedEntry, type WatchOptions } from "./watch-directory.ts";

afterEach(removeTemporaryFolders);

const shown = (items: WatchedEntry[]) => items.map(({ file, entry }) => `${file} ${entry.plugin} ${entry.message}`);

async function write(writer: LogWriter, ...messages: string[]): Promise<void> {
  for (const message of messages) await writer.write({ level: "info", message });
  await writer.flush();
}

function watch(directory: string, options?: WatchOptions) {
  const stop = new AbortController();
  const iterator = watchDirectory(directory, stop.signal, options)[Symbol.asyncIterator]();
  const end = async () => {
    stop.abort();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  };
  return { iterator, end };
}

test("all logs of the folder are followed, and those that appear later from their start", async () => {
  const directory = await temporaryFolder();
  const store = await openLogStore({ directory });
  await write(store.plugin("old"), "past");
  await write(store.supervisor("old"), "past");
  const { iterator, end } = watch(directory);
  await write(store.plugin("old"), "now");
  expect(shown(await take(iterator, 1))).toEqual(["plugin old now"]);
  await write(store.host, "up");
  expect(shown(await take(iterator, 1))).toEqual(["host host up"]);
  await write(store.supervisor("new"), "spawn");
  await write(store.plugin("new"), "hello", "again");
  const items = shown(await take(iterator, 3)).sort();
  expect(items).toEqual(["plugin new again", "plugin new hello", "supervisor new spawn"]);
  await end();
  await store.close();
});

test("from the start, what is kept of the supervisor log comes first", async () => {
  const directory = await temporaryFolder();
  const store = await openLogStore({ directory, maxFileBytes: 2_048 });
  const history = Array.from({ length: 40 }, (_, index) => `event ${index}`);
  await write(store.supervisor("acme"), ...history);
  await write(store.plugin("acme"), "past");
  expect(await Bun.file(join(directory, "plugin-supervisor.log.1")).exists()).toBe(true);
  const { iterator, end } = watch(directory, { fromStart: true });
  await write(store.plugin("acme"), "now");
  const expected = history.map((message) => `supervisor acme ${message}`);
  expect(shown(await take(iterator, 41))).toEqual([...expected, "plugin acme now"]);
  await end();
  await store.close();
});

test("a folder that is not there yet, or is removed and made again, is watched", async () => {
  const directory = join(await temporaryFolder(), "logs");
  const { iterator, end } = watch(directory);
  const next = iterator.next();
  const store = await openLogStore({ directory });
  await write(store.plugin("acme"), "one");
  expect((await next).value).toMatchObject({ file: "plugin", entry: { message: "one" } });
  await rm(directory, { recursive: true });
  await write(store.plugin("acme"), "two");
  await write(store.supervisor("acme"), "three");
  expect(shown(await take(iterator, 2)).sort()).toEqual(["plugin acme two", "supervisor acme three"]);
  await end();
  await store.close();
});

test("a host in another process is watched, through its rotations", async () => {
  const directory = await temporaryFolder();
  const { iterator, end } = watch(directory);
  const script = join(import.meta.dir, "limited-writer.fixture.ts");
  const child = Bun.spawn([process.execPath, script, directory], { stdout: "ignore", stderr: "inherit" });
  const items = await take(iterator, 1_000);
  expect(items.map(({ entry }) => entry.message)).toEqual(Array.from({ length: 1_000 }, (_, index) => `line ${index}`));
  expect(await child.exited).toBe(0);
  await end();
});
