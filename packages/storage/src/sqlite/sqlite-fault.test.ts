import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { StorageError } from "@toru/core";
import { makeSqliteFixture } from "./sqlite-fixture.ts";
import { sqliteFault } from "./sqlite-fault.ts";

function faultOf(run: () => unknown): StorageError | null {
  try {
    run();
    return null;
  } catch (error) {
    return sqliteFault(error, "toru.db");
  }
}

test("a full disk, a held lock, a read-only file and a broken rule each have a code and say what to do", async () => {
  await using fixture = await makeSqliteFixture();
  await fixture.open();
  using database = new Database(fixture.path, { readwrite: true });
  using other = new Database(fixture.path, { readwrite: true });
  using reader = new Database(fixture.path, { readonly: true });
  const insert = "INSERT INTO plugin_kv VALUES ('acme', 'key', ?)";

  database.run("PRAGMA max_page_count = 1");
  const full = faultOf(() => database.run(insert, ["x".repeat(1_000_000)]));
  expect(full).toMatchObject({
    code: "disk_full",
    message: expect.stringMatching(/^database toru\.db: .*free some space/),
  });

  other.run("BEGIN IMMEDIATE");
  const busy = faultOf(() => database.run("BEGIN IMMEDIATE"));
  expect(busy).toMatchObject({ code: "busy", message: expect.stringContaining("other process") });
  other.run("ROLLBACK");

  const readOnly = faultOf(() => reader.run(insert, ["value"]));
  expect(readOnly).toMatchObject({ code: "io_error", message: expect.stringContaining("writable") });

  const constraint = faultOf(() => other.run(insert, [null]));
  expect(constraint).toMatchObject({ code: "constraint", cause: expect.any(Error) });
});

test("what is no fault of SQLite is called a defect, and a StorageError stays as it is", () => {
  const known = new StorageError("closed", "closed before");
  expect(sqliteFault(known, "toru.db")).toBe(known);
  expect(sqliteFault(new TypeError("not a function"), "toru.db")).toMatchObject({
    code: "internal",
    message: expect.stringContaining("please report it"),
  });
});
