import type { Database } from "bun:sqlite";
import { Kysely, SqliteDialect, type SqliteDatabase } from "kysely";
import type { Schema } from "./schema.ts";

/**
 * Kysely over a `bun:sqlite` database. The stores use it to build typed queries that the connection runs at once; only the
 * migrations execute through it.
 */
export function sqliteQueries(database: Database): Kysely<Schema> {
  const adapter: SqliteDatabase = {
    prepare: (sql) => {
      const statement = database.prepare<unknown, never[]>(sql);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(...(parameters as never[])),
        run: (parameters) => statement.run(...(parameters as never[])),
        iterate: (parameters) => statement.iterate(...(parameters as never[])),
      };
    },
    // The connection owns the database and closes it.
    close: () => undefined,
  };
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: adapter }) });
}
