import { rename, rm } from "node:fs/promises";
import { createFile, fileIdentity } from "./database-file.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/**
 * Copies the database as it is to `<path>.before-<migration>`, for its owner only, and returns that path. A copy of an
 * earlier attempt stays as it is: nothing has changed since.
 */
export async function backUp({ database, path }: SqliteConnection, migration: string): Promise<string> {
  const copy = `${path}.before-${migration}`;
  if ((await fileIdentity(copy)) !== null) return copy;
  const unfinished = `${copy}.unfinished`;
  await rm(unfinished, { force: true });
  await createFile(unfinished);
  database.run("VACUUM INTO ?", [unfinished]);
  await rename(unfinished, copy);
  return copy;
}
