import type { Kysely } from "kysely";
import { DEFAULT_MIGRATION_TABLE, Migrator } from "kysely/migration";
import { StorageError } from "@toru/core";
import { backUp } from "./back-up.ts";
import { MIGRATIONS } from "./migrations/migrations.ts";
import type { Schema } from "./schema.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/**
 * Brings the schema up to date, or leaves the database as it was; a copy of one that is not new is made first. One transaction around it all, begun as a writer:
 * Kysely's own migrator has none for SQLite, and two processes that open a new database at once must take turns.
 * Nothing else may use the connection meanwhile.
 *
 * @throws StorageError with code `newer_schema` or `migration_failed`.
 */
export async function migrate(connection: SqliteConnection, queries: Kysely<Schema>): Promise<void> {
  const { database, path } = connection;
  const copy = await backUpWhereNeeded(connection);
  database.run("BEGIN IMMEDIATE");
  try {
    refuseNewerSchema(connection);
    const provider = { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) };
    const { error, results } = await new Migrator({ db: queries, provider }).migrateToLatest();
    if (error !== undefined) throw migrationFailed(path, results?.find(isFailed)?.migrationName, copy, error);
    database.run("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.run("ROLLBACK");
    throw error;
  }
}

/** The path of the copy; null where the database is empty, up to date or not to be touched. */
async function backUpWhereNeeded(connection: SqliteConnection): Promise<string | null> {
  if (connection.database.query("SELECT 1 FROM sqlite_schema LIMIT 1").get() === null) return null;
  const applied = appliedMigrations(connection);
  if (applied.some((name) => !Object.hasOwn(MIGRATIONS, name))) return null;
  const next = Object.keys(MIGRATIONS).find((name) => !applied.includes(name));
  return next === undefined ? null : backUp(connection, next);
}

function appliedMigrations({ database }: SqliteConnection): string[] {
  const table = database.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  if (table.get(DEFAULT_MIGRATION_TABLE) === null) return [];
  const names = database.query<{ name: string }, []>(`SELECT name FROM ${DEFAULT_MIGRATION_TABLE} ORDER BY name`);
  return names.all().map(({ name }) => name);
}

function refuseNewerSchema(connection: SqliteConnection): void {
  const { path } = connection;
  const unknown = appliedMigrations(connection).filter((name) => !Object.hasOwn(MIGRATIONS, name));
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

function migrationFailed(path: string, name: string | undefined, copy: string | null, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const step = name === undefined ? "preparing the migrations" : `migration ${name}`;
  const kept = copy === null ? "" : ` (a copy from before is ${copy})`;
  const advice = `nothing was changed${kept}; remove the cause and start again`;
  return new StorageError("migration_failed", `cannot update ${path}: ${step} failed: ${reason}; ${advice}`, { cause });
}
