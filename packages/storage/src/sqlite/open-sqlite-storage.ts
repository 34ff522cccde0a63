import { SQLiteError } from "bun:sqlite";
import { resolve } from "node:path";
import { sql } from "kysely";
import { StorageError } from "@toru/core";
import type { Storage } from "../storage.ts";
import { fileIdentity, prepareDatabaseFile, setAside, setAsideUnanswered } from "./database-file.ts";
import { GroupCommit } from "./group-commit.ts";
import { migrate } from "./migrate.ts";
import { sqliteAccountStore } from "./sqlite-account-store.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { SqliteEventStore } from "./sqlite-event-store.ts";
import { sqliteFault } from "./sqlite-fault.ts";
import { SqliteKvStore } from "./sqlite-kv-store.ts";
import { sqliteQueries } from "./sqlite-queries.ts";

/** Opens the SQLite database in the file `path`; folder, file and tables are made where they are missing. */
export async function openSqliteStorage(path: string): Promise<Storage> {
  const absolute = resolve(path);
  const connection = await connect(absolute);
  try {
    const queries = sqliteQueries(connection.database);
    await migrate(connection, queries);
    const identity = await fileIdentity(absolute);
    connection.stopBlocking();
    const group = new GroupCommit(connection);
    return {
      kv: new SqliteKvStore(connection.database, group),
      events: new SqliteEventStore(connection, group, queries),
      accounts: sqliteAccountStore(connection, queries),
      async check() {
        await connection.all(sql`SELECT 1 FROM accounts LIMIT 1`.compile(queries));
        if ((await fileIdentity(absolute)) !== identity) throw replaced(absolute);
      },
      async close() {
        await group.idle();
        connection.close();
      },
    };
  } catch (error) {
    connection.close();
    throw await refusal(absolute, error);
  }
}

async function connect(path: string): Promise<SqliteConnection> {
  try {
    const aside = await setAsideUnanswered(path);
    if (aside !== null) throw unanswered(path, aside);
    await prepareDatabaseFile(path);
    return await SqliteConnection.open(path);
  } catch (error) {
    throw await refusal(path, error);
  }
}

async function refusal(path: string, error: unknown): Promise<StorageError> {
  if (error instanceof StorageError) return error;
  if (isDamage(error)) return damaged(path, await setAside(path), error);
  const fault = sqliteFault(error, path);
  if (fault.code === "corrupt") return fault;
  const reason = error instanceof Error ? error.message : String(error);
  const advice = "check that folder and file belong to the user of the host and that no other process holds them";
  return new StorageError("cannot_open", `cannot open the database ${path}: ${reason}; ${advice}`, { cause: error });
}

/** A file that never was a database is not ours to move. */
function isDamage(error: unknown): boolean {
  return error instanceof SQLiteError && error.code?.startsWith("SQLITE_CORRUPT") === true;
}

function damaged(path: string, aside: string, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const what = `the database ${path} is damaged (${reason}) and was set aside as ${aside}`;
  return new StorageError("corrupt", `${what}; ${whatNext(path, aside)}`, { cause });
}

/** That an automatic restart makes an empty host of a damaged one, without accounts, is nothing that a person has asked for. */
function unanswered(path: string, aside: string): StorageError {
  const what = `the database ${path} was damaged and set aside as ${aside}, and none is in its place`;
  return new StorageError("corrupt", `${what}; ${whatNext(path, aside)}`);
}

function whatNext(path: string, aside: string): string {
  return `restore a backup to ${path}; or, to begin with an empty database, move the damaged one away (mv ${aside}* FOLDER) and start again`;
}

/** SQLite goes on with a file that has no name any more, and all of it would be lost at exit. */
function replaced(path: string): StorageError {
  const advice = "put it back and restart the host";
  return new StorageError("io_error", `database ${path}: the file was removed or replaced while in use; ${advice}`);
}
