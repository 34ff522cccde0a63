import { afterEach, expect, test } from "bun:test";
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogWriter } from "@toru/core";
import { until } from "./follow.fixture.ts";
import { openLogStore } from "./open-log-store.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.fixture.ts";

afterEach(removeTemporaryFolders);

async function messagesIn(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  expect(text === "" || text.endsWith("\n")).toBe(true);
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { message: string }).message);
}

async function writeAll(writer: LogWriter, messages: Iterable<string>): Promise<void> {
  for (const message of messages) await writer.write({ level: "info", message });
  await writer.flush();
}

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

test("each log has its own file, of mode 640 in folders of mode 750", async () => {
  const directory = join(await temporaryFolder(), "logs");
  const store = await openLogStore({ directory, now: () => 0 });
  await writeAll(store.plugin("acme"), ["p"]);
  await writeAll(store.supervisor("acme"), ["s"]);
  await writeAll(store.host, ["h"]);
  expect(store.plugin("acme")).toBe(store.plugin("acme"));
  await store.close();
  const paths = ["plugins/acme.log", "plugin-supervisor.log", "host.log"].map((name) => join(directory, name));
  expect(await Promise.all(paths.map((path) => readFile(path, "utf8")))).toEqual([
    '{"timestamp":"1970-01-01T00:00:00.000Z","level":"info","plugin":"acme","message":"p"}\n',
    '{"timestamp":"1970-01-01T00:00:00.000Z","level":"info","plugin":"acme","message":"s"}\n',
    '{"timestamp":"1970-01-01T00:00:00.000Z","level":"info","plugin":"host","message":"h"}\n',
  ]);
  const mode = async (path: string) => (await stat(path)).mode & 0o777 & 0o027;
  for (const path of paths) expect(await mode(path)).toBe(0o640 & 0o027);
  for (const path of [directory, join(directory, "plugins")]) expect(await mode(path)).toBe(0o750 & 0o027);
});

test("a flood of 100,000 lines that waits when asked to is in the file, in order", async () => {
  const store = await openLogStore({ directory: await temporaryFolder(), maxFileBytes: 64 * 1024 * 1024 });
  const writer = store.plugin("acme");
  let waits = 0;
  for (let index = 0; index < 100_000; index += 1) {
    const room = writer.write({ level: "info", message: `line ${index}` });
    if (room !== null) waits += 1;
    await room;
  }
  await writer.flush();
  expect(waits).toBeGreaterThan(5);
  expect(store.lost).toBe(0);
  expect(await messagesIn(writer.path)).toEqual(numbered(0, 100_000));
  await store.close();
}, 60_000);

test("lines of a caller that never waits are bounded, and the loss is told", async () => {
  const store = await openLogStore({ directory: await temporaryFolder(), maxFileBytes: 64 * 1024 * 1024 });
  const writer = store.plugin("acme");
  const waits: Promise<void>[] = [];
  for (let index = 0; index < 2_000; index += 1) {
    const wait = writer.write({ level: "info", message: `${index} ${"x".repeat(8_000)}` });
    if (wait !== null) waits.push(wait);
  }
  await Promise.all(waits);
  await writer.flush();
  expect(store.lost).toBeGreaterThan(500);
  const { lost } = store;
  await writeAll(writer, ["after"]);
  const messages = await messagesIn(writer.path);
  expect(messages).toContain(`${lost} log lines were lost: too many lines at once`);
  expect(messages.at(-1)).toBe("after");
  expect(messages).toHaveLength(2_000 - lost + 2);
  await store.close();
}, 60_000);

test("rotation keeps the newest lines in a bounded number of files of bounded size", async () => {
  const directory = await temporaryFolder();
  await mkdir(join(directory, "plugins"));
  await writeFile(join(directory, "plugins/acme.log.9"), "from a larger keep\n");
  const store = await openLogStore({ directory, maxFileBytes: 4_096, keep: 3 });
  const writer = store.plugin("acme");
  await writeAll(writer, numbered(0, 1_000));
  await store.close();
  const names = (await readdir(join(directory, "plugins"))).sort();
  expect(names).toEqual(["acme.log", "acme.log.1", "acme.log.2", "acme.log.3"]);
  const oldestFirst = names.toReversed().map((name) => join(directory, "plugins", name));
  for (const path of oldestFirst) expect((await stat(path)).size).toBeLessThanOrEqual(4_096);
  const messages = (await Promise.all(oldestFirst.slice(0, 3).concat(writer.path).map(messagesIn))).flat();
  expect(messages).toEqual(numbered(1_000 - messages.length, 1_000));
  expect(messages.length).toBeGreaterThan(120);
});

test("what a plugin appends itself counts for rotation", async () => {
  const store = await openLogStore({ directory: await temporaryFolder(), maxFileBytes: 4_096 });
  const writer = store.plugin("acme");
  await writeAll(writer, ["first"]);
  await appendFile(writer.path, `${"x".repeat(5_000)}\n`);
  await writeAll(writer, ["second"]);
  expect(await messagesIn(writer.path)).toEqual(["second"]);
  await store.close();
});

test("a line torn by another writer is ended before the next line", async () => {
  const store = await openLogStore({ directory: await temporaryFolder() });
  const writer = store.plugin("acme");
  await writeFile(writer.path, '{"timestamp":"20');
  await writeAll(writer, ["first"]);
  await appendFile(writer.path, "torn again");
  await writeAll(writer, ["second"]);
  await writeAll(writer, ["third"]);
  const lines = (await readFile(writer.path, "utf8")).split("\n");
  expect(lines.map((line) => line.slice(0, 16))).toEqual([
    '{"timestamp":"20',
    '{"timestamp":"20',
    "torn again",
    '{"timestamp":"20',
    '{"timestamp":"20',
    "",
  ]);
  await store.close();
});

test("a file or folder that was removed is made again", async () => {
  const directory = await temporaryFolder();
  const store = await openLogStore({ directory });
  const writer = store.plugin("acme");
  await writeAll(writer, ["one"]);
  await unlink(writer.path);
  await writeAll(writer, ["two"]);
  expect(await messagesIn(writer.path)).toEqual(["two"]);
  await rm(directory, { recursive: true });
  await writeAll(writer, ["three"]);
  expect(await messagesIn(writer.path)).toEqual(["three"]);
  expect(store.lost).toBe(0);
  await store.close();
});

test("a file that another program has rotated is left to it within a second or two", async () => {
  const store = await openLogStore({ directory: await temporaryFolder() });
  const writer = store.plugin("acme");
  await writeAll(writer, ["one"]);
  await rename(writer.path, `${writer.path}.old`);
  await until("a new file", async () => {
    await writeAll(writer, ["more"]);
    return Bun.file(writer.path).exists();
  });
  expect((await messagesIn(writer.path)).every((message) => message === "more")).toBe(true);
  expect((await messagesIn(`${writer.path}.old`))[0]).toBe("one");
  await store.close();
});

test("a full disk costs lines, which are counted and told of when there is room again", async () => {
  const store = await openLogStore({ directory: await temporaryFolder() });
  const writer = store.plugin("acme");
  await symlink("/dev/full", writer.path);
  await writeAll(writer, ["a", "b"]);
  await writeAll(writer, ["c"]);
  expect(store.lost).toBe(3);
  await unlink(writer.path);
  await until("the loss is told without a new line", () => Bun.file(writer.path).exists());
  await writeAll(writer, ["d"]);
  const messages = await messagesIn(writer.path);
  expect(messages[0]).toStartWith("3 log lines were lost: ENOSPC");
  expect(messages.slice(1)).toEqual(["d"]);
  expect(store.lost).toBe(3);
  await store.close();
});

test("an error in the middle of a write leaves whole lines only", async () => {
  const directory = await temporaryFolder();
  const script = join(import.meta.dir, "limited-writer.fixture.ts");
  // The limit on file size stands for a full disk: a write is cut short, the next one fails.
  const child = Bun.spawn(
    ["sh", "-c", 'trap "" XFSZ; ulimit -f 16; exec "$@"', "sh", process.execPath, script, directory],
    {
      stdout: "pipe",
      stderr: "inherit",
    },
  );
  const { lost } = JSON.parse(await new Response(child.stdout).text()) as { lost: number };
  const messages = await messagesIn(join(directory, "plugins/acme.log"));
  expect(lost).toBeGreaterThan(0);
  expect(messages).toEqual(numbered(0, 1_000 - lost));
});

test("what is written after closing is counted as lost", async () => {
  const store = await openLogStore({ directory: await temporaryFolder() });
  const writer = store.plugin("acme");
  await writer.write({ level: "info", message: "kept" });
  await store.close();
  expect(writer.write({ level: "info", message: "lost" })).toBeNull();
  expect(store.lost).toBe(1);
  expect(await messagesIn(writer.path)).toEqual(["kept"]);
});

test("a folder that cannot be made or written says what to do", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  for (const directory of [join(file, "logs"), "/proc/toru-logs"]) {
    const error: unknown = await openLogStore({ directory }).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: "LogError", code: "directory_not_writable" });
    expect(String(error)).toMatch(/cannot write logs to .*TORU_LOG_DIR/);
  }
});

test("an id that could leave the folder is refused", async () => {
  const store = await openLogStore({ directory: await temporaryFolder() });
  for (const id of ["", "../host", "a/b", "a.b", "x".repeat(65)]) {
    expect(() => store.plugin(id)).toThrow(expect.objectContaining({ code: "invalid_plugin_id" }));
  }
  await store.close();
});
