import type { AccountStore } from "@toru/core";
import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";
import { sqliteAccountChanges } from "./sqlite-account-changes.ts";
import { sqliteAccounts } from "./sqlite-accounts.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { sqliteSessions } from "./sqlite-sessions.ts";
import { sqliteTokens } from "./sqlite-tokens.ts";

export function sqliteAccountStore(connection: SqliteConnection, queries: Kysely<Schema>): AccountStore {
  return {
    ...sqliteAccounts(connection, queries),
    ...sqliteAccountChanges(connection, queries),
    ...sqliteSessions(connection, queries),
    ...sqliteTokens(connection, queries),
  };
}
