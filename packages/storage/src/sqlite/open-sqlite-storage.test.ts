import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { chmod, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeSqliteFixture, type SqliteFixture } from "./sqlite-fixture.ts";

async function mode(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

test("folder and files are made for their owner only", async () => {
  await using fixture = await makeSqliteFixture();
  const { kv } = await fixture.open();
  await kv.set("acme", "key", "value");
  expect(await mode(dirname(fixture.path))).toBe("700");
  for (const file of ["", "-wal", "-shm"]) expect(await mode(fixture.path + file)).toBe("600");
});

test("a database that others could read is protected when it is opened", async () => {
  await using fixture = await makeSqliteFixture();
  await (await fixture.open()).close();
  await chmod(fixture.path, 0o644);
  await fixture.open();
  expect(await mode(fixture.path)).toBe("600");
});

test("the database works in WAL mode, and is one file again once closed", async () => {
  await using fixture = await makeSqliteFixture();
  const storage = await fixture.open();
  await storage.kv.set("acme", "key", "value");
  using reader = new Database(fixture.path, { readonly: true });
  expect(reader.query("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  reader.close();
  await storage.close();
  expect(stat(`${fixture.path}-wal`)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a file that is no database is refused as corrupt and left as it is", async () => {
  await using fixture = await makeSqliteFixture();
  await mkdir(dirname(fixture.path));
  const content = "this is not a database\n".repeat(500);
  await writeFile(fixture.path, content);
  expect(fixture.open()).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringMatching(/toru\.db: file is not a database; .*restore a backup/),
  });
  expect(await readFile(fixture.path, "utf8")).toBe(content);
});

/** Stores a value, then destroys the first page behind its header, where the schema is. What the file holds then. */
async function damage(fixture: SqliteFixture): Promise<Buffer> {
  const storage = await fixture.open();
  await storage.kv.set("acme", "key", "value");
  await storage.close();
  const content = await readFile(fixture.path);
  await writeFile(fixture.path, content.fill(0xaa, 100, 4096));
  return content;
}

test("a damaged database is set aside with what belongs to it, and each start is refused in words until a person has decided", async () => {
  await using fixture = await makeSqliteFixture();
  const content = await damage(fixture);
  const refusals: string[] = [];
  for (let start = 1; start <= 3; start += 1) {
    const error: unknown = await fixture.open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "StorageError", code: "corrupt" });
    refusals.push(String(error));
  }
  const asides = refusals.map((text) => /set aside as ([^\s,;]+\.corrupt-[^\s,;]+)/.exec(text)?.[1]);
  const [aside = ""] = asides;
  expect(asides).toEqual([aside, aside, aside]);
  for (const text of refusals) {
    expect(text).toContain(
      `restore a backup to ${fixture.path}; or, to begin with an empty database, move the damaged`,
    );
    expect(text).toContain(`mv ${aside}* `);
  }
  expect((await readFile(aside)).equals(content)).toBe(true);
  expect(await readdir(dirname(fixture.path))).toEqual([basename(aside)]);

  await rename(aside, join(dirname(fixture.path), "..", "examined-later"));
  const after = await fixture.open();
  expect(await after.kv.get("acme", "key")).toBeNull();
});

test("a backup that is restored in the place of a damaged database is opened, and what was set aside stays", async () => {
  await using fixture = await makeSqliteFixture();
  const before = await fixture.open();
  await before.kv.set("acme", "key", "from the backup");
  await before.close();
  const backup = await readFile(fixture.path);
  await damage(fixture);
  expect(await fixture.open().catch((error: unknown) => error)).toMatchObject({ code: "corrupt" });
  await writeFile(fixture.path, backup);
  const restored = await fixture.open();
  expect(await restored.kv.get("acme", "key")).toBe("from the backup");
  expect((await readdir(dirname(fixture.path))).filter((name) => name.includes(".corrupt-"))).toHaveLength(1);
});

test("a damaged page that is met later fails what needs it, in words, and nothing else", async () => {
  await using fixture = await makeSqliteFixture();
  const before = await fixture.open();
  await before.kv.set("acme", "key", "x".repeat(100_000));
  await before.accounts.createFirstAccount({ username: "ada", role: "admin", passwordHash: "hash", createdAt: 1 });
  await before.close();
  using database = new Database(fixture.path, { readonly: true });
  const root = database
    .query<{ rootpage: number }, []>("SELECT rootpage FROM sqlite_schema WHERE name = 'plugin_kv'")
    .get();
  database.close();
  const content = await readFile(fixture.path);
  const page = ((root?.rootpage ?? 0) - 1) * 4096;
  await writeFile(fixture.path, content.fill(0xaa, page, page + 4096));
  const storage = await fixture.open();
  expect(storage.kv.set("acme", "key", "value")).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringContaining("restore a backup"),
  });
  expect(await storage.accounts.findAccount("ada")).toMatchObject({ username: "ada" });
});

test("a database of a newer version is refused in words and left as it is", async () => {
  await using fixture = await makeSqliteFixture();
  await (await fixture.open()).close();
  const newer = new Database(fixture.path);
  newer.run("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999_future', '2100-01-01T00:00:00.000Z')");
  newer.close();
  const before = await readFile(fixture.path);
  expect(fixture.open()).rejects.toMatchObject({
    code: "newer_schema",
    message: expect.stringMatching(/newer version of Toru.*9999_future.*start that version, or restore/),
  });
  expect((await readFile(fixture.path)).equals(before)).toBe(true);
});

test("a migration that fails names itself and changes nothing", async () => {
  await using fixture = await makeSqliteFixture();
  await mkdir(dirname(fixture.path));
  const foreign = new Database(fixture.path);
  foreign.run("CREATE TABLE api_tokens (something TEXT)");
  foreign.close();
  expect(fixture.open()).rejects.toMatchObject({
    code: "migration_failed",
    message: expect.stringMatching(
      /migration 0001_initial failed: .*api_tokens.*; nothing was changed \(a copy from before is .*\.before-0001_initial\)/,
    ),
  });
  const copy = `${fixture.path}.before-0001_initial`;
  expect(await mode(copy)).toBe("600");
  using copied = new Database(copy, { readonly: true });
  expect(copied.query("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "api_tokens" }]);
  using after = new Database(fixture.path, { readonly: true });
  expect(after.query("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "api_tokens" }]);
});

test("a path that is a folder, or lies below a file, cannot be opened, and the error says why", async () => {
  await using folder = await makeSqliteFixture();
  await mkdir(folder.path, { recursive: true });
  expect(folder.open()).rejects.toMatchObject({ code: "cannot_open", message: expect.stringContaining(folder.path) });
  await using below = await makeSqliteFixture();
  await writeFile(dirname(below.path), "a file");
  expect(below.open()).rejects.toMatchObject({ code: "cannot_open", message: expect.stringContaining(below.path) });
});

test("check notices that the file was removed or replaced", async () => {
  await using fixture = await makeSqliteFixture();
  const storage = await fixture.open();
  await storage.check();
  await rename(fixture.path, `${fixture.path}.old`);
  expect(storage.check()).rejects.toMatchObject({ code: "io_error", message: expect.stringContaining("removed") });
  await writeFile(fixture.path, "");
  expect(storage.check()).rejects.toMatchObject({ code: "io_error", message: expect.stringContaining("replaced") });
});

test("the queries of events and keys are served by an index, without sorting", async () => {
  await using fixture = await makeSqliteFixture();
  await fixture.open();
  using database = new Database(fixture.path, { readonly: true });
  const plan = (sql: string) =>
    database
      .query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail);
  expect(plan("SELECT key FROM plugin_kv WHERE plugin_id = 'a' AND key >= 'b' AND key < 'c' ORDER BY key")).toEqual([
    expect.stringMatching(/USING COVERING INDEX .*\(plugin_id=\? AND key>\? AND key<\?\)/),
  ]);
  const events = (where: string) =>
    plan(`SELECT * FROM plugin_events WHERE ${where} AND id < 9 ORDER BY id DESC LIMIT 9`);
  expect(events("plugin_id = 'a'")).toEqual([
    expect.stringContaining("plugin_events_by_plugin (plugin_id=? AND rowid<?)"),
  ]);
  expect(events("event_type IN ('started')")).toEqual([expect.stringContaining("plugin_events_by_type")]);
  expect(events("plugin_id = 'a' AND event_type IN ('started')")).toEqual([
    expect.stringContaining("plugin_events_by_plugin_and_type (plugin_id=? AND event_type=? AND rowid<?)"),
  ]);
});
