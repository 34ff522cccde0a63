import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { GroupCommit } from "./group-commit.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { makeSqliteFixture } from "./sqlite-fixture.ts";

/** Twenty turns of the event loop would take so long if each was held up by a wait of SQLite's own. */
const BLOCKED_MS = 5_000;

interface Group extends AsyncDisposable {
  group: GroupCommit;
  path: string;
  /** What `group` can be asked to do. */
  insert: (key: string | null) => () => unknown;
  stored: () => string[];
}

async function makeGroup(): Promise<Group> {
  await using parts = new AsyncDisposableStack();
  const fixture = parts.use(await makeSqliteFixture());
  await (await fixture.open()).close(); // makes the tables
  const connection = await SqliteConnection.open(fixture.path);
  parts.defer(() => connection.close());
  connection.stopBlocking();
  const reader = new Database(fixture.path, { readonly: true });
  parts.defer(() => reader.close());
  const rows = reader.query<{ key: string }, []>("SELECT key FROM plugin_kv ORDER BY rowid");
  const owned = parts.move();
  return {
    group: new GroupCommit(connection),
    path: fixture.path,
    insert: (key) => () => connection.database.run("INSERT INTO plugin_kv VALUES ('acme', ?, 'value')", [key]),
    stored: () => rows.all().map(({ key }) => key),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("what is asked for in one turn is committed together, and answered after that", async () => {
  await using made = await makeGroup();
  const seen: string[][] = [];
  const writes = ["a", "b", "c"].map(async (key) => {
    await made.group.write("acme", made.insert(key));
    seen.push(made.stored());
  });
  const inside = made.group.write("acme", made.stored);
  await Promise.all(writes);
  expect(seen).toEqual([
    ["a", "b", "c"],
    ["a", "b", "c"],
    ["a", "b", "c"],
  ]);
  expect(await inside).toEqual([]); // another connection sees nothing before the commit
});

test("a statement that fails fails alone", async () => {
  await using made = await makeGroup();
  const results = await Promise.allSettled(
    ["a", null, "b", "a", "c"].map((key, index) => made.group.write(`plugin-${index}`, made.insert(key))),
  );
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { name: "StorageError", code: "constraint" } });
  expect(made.stored()).toEqual(["a", "b", "c"]);
});

test("while another process holds the database writes wait, others read, and nothing blocks", async () => {
  await using made = await makeGroup();
  using other = new Database(made.path);
  other.run("BEGIN IMMEDIATE");
  const answered: string[] = [];
  const write = made.group.write("acme", made.insert("a")).then(() => answered.push("write"));
  const own = made.group.read("acme", made.stored).then(() => answered.push("own read"));
  expect(await made.group.read("backup", made.stored)).toEqual([]);
  const before = performance.now();
  for (let turn = 0; turn < 20; turn += 1) await Bun.sleep(1);
  expect(performance.now() - before).toBeLessThan(BLOCKED_MS);
  expect(answered).toEqual([]);
  other.run("COMMIT");
  await Promise.all([write, own]);
  expect(answered).toEqual(["write", "own read"]);
  expect(made.stored()).toEqual(["a"]);
});
