import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fixture } from "../contract/fixture.ts";
import { openStorage } from "../open-storage.ts";
import type { Storage } from "../storage.ts";

export interface SqliteFixture extends Fixture {
  /** Of the database file, in a folder that does not exist yet. */
  readonly path: string;
}

export async function makeSqliteFixture(): Promise<SqliteFixture> {
  const folder = await mkdtemp(join(tmpdir(), "toru-storage-"));
  const path = join(folder, "data", "toru.db");
  const url = `sqlite:${path}`;
  const opened: Storage[] = [];
  return {
    path,
    url,
    async open() {
      const storage = await openStorage(url);
      opened.push(storage);
      return storage;
    },
    async [Symbol.asyncDispose]() {
      for (const storage of opened) await storage.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
