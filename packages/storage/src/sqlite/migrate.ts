import type { Kysely } from "kysely";
import { DEFAULT_MIGRATION_TABLE, Migrator } from "kysely/migration";
import { StorageError } from "@toru/core";
import { MIGRATIONS } from "./migrations/migrations.ts";
import type { Schema } from "./schema.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/**
 * Brings the schema up to date, or leaves the database as it was. One transaction around it all, begun as a writer:
 * Kysely's own migrator has none for SQLite, and two processes that open a new database at once must take turns.
 * Nothing else may use the connection meanwhile.
 *
 * @throws StorageError with code `newer_schema` or `migration_failed`.
 */
export async function migrate(connection: SqliteConnection, queries: Kysely<Schema>): Promise<void> {
  const { database, path } = connection;
  database.run("BEGIN IMMEDIATE");
  try {
    refuseNewerSchema(connection);
    const provider = { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) };
    const { error, results } = await new Migrator({ db: queries, provider }).migrateToLatest();
    if (error !== undefined) throw migrationFailed(path, results?.find(isFailed)?.migrationName, error);
    database.run("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.run("ROLLBACK");
    throw error;
  }
}

function refuseNewerSchema({ database, path }: SqliteConnection): void {
  const table = database.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  if (table.get(DEFAULT_MIGRATION_TABLE) === null) return;
  const applied = database
    .query<{ name: string }, []>(`SELECT name FROM ${DEFAULT_MIGRATION_TABLE} ORDER BY name`)
    .all();
  const unknown = applied.map(({ name }) => name).filter((name) => !Object.hasOwn(MIGRATIONS, name));
  if (unknown.length === 0) return;
  const reason = `it was made by a newer version of Toru (this one does not know ${unknown.join(", ")})`;
  throw new StorageError(
    "newer_schema",
    `cannot use ${path}: ${reason}; start that version, or restore an older backup`,
  );
}

function isFailed(result: { status: string }): boolean {
  return result.status === "Error";
}

function migrationFailed(path: string, name: string | undefined, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const step = name === undefined ? "preparing the migrations" : `migration ${name}`;
  const advice = "nothing was changed; keep a copy of the file, remove the cause and start again";
  return new StorageError("migration_failed", `cannot update ${path}: ${step} failed: ${reason}; ${advice}`, { cause });
}
