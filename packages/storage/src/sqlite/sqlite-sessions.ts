import type { AccountStore } from "@toru/core";
import type { Kysely } from "kysely";
import { ACCOUNT_COLUMNS, toAccount } from "./account-row.ts";
import type { Schema } from "./schema.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

type Sessions = Pick<AccountStore, "createSession" | "findSession" | "deleteSession" | "deleteExpired">;

/** A session ends at `expiresAt`: at that very millisecond it is over. */
export function sqliteSessions(connection: SqliteConnection, queries: Kysely<Schema>): Sessions {
  return {
    async createSession({ tokenHash, accountId, createdAt, expiresAt }) {
      const insert = queries
        .insertInto("sessions")
        .values({ token_hash: tokenHash, account_id: accountId, created_at: createdAt, expires_at: expiresAt });
      await connection.all(insert.compile());
    },

    async findSession(tokenHash, now) {
      const query = queries
        .selectFrom("sessions")
        .innerJoin("accounts", "accounts.id", "sessions.account_id")
        .select(ACCOUNT_COLUMNS.map((column) => `accounts.${column}` as const))
        .select(["sessions.created_at as session_created_at", "sessions.expires_at"])
        .where("sessions.token_hash", "=", tokenHash)
        .where("sessions.expires_at", ">", now);
      const row = await connection.first(query.compile());
      if (row === null) return null;
      const account = toAccount(row);
      const { session_created_at: createdAt, expires_at: expiresAt } = row;
      return { session: { tokenHash, accountId: account.id, createdAt, expiresAt }, account };
    },

    async deleteSession(tokenHash) {
      const remove = queries.deleteFrom("sessions").where("token_hash", "=", tokenHash);
      await connection.durably(() => connection.allNow(remove.compile()));
    },

    // Expired API tokens stay: their owner should see in the list why a script stopped working.
    async deleteExpired(now) {
      await connection.all(queries.deleteFrom("sessions").where("expires_at", "<=", now).compile());
    },
  };
}
