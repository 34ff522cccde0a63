import type { AccountStore } from "@toru/core";
import { sql, type Kysely } from "kysely";
import { ACCOUNT_COLUMNS, toAccount, toAccountRow, usernameKey, type AccountRow } from "./account-row.ts";
import type { Schema } from "./schema.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

type Accounts = Pick<
  AccountStore,
  "createAccount" | "createFirstAccount" | "findAccount" | "getAccount" | "listAccounts" | "countAccounts"
>;

export function sqliteAccounts(connection: SqliteConnection, queries: Kysely<Schema>): Accounts {
  const accounts = queries.selectFrom("accounts").select(ACCOUNT_COLUMNS);
  const orNull = (row: AccountRow | null) => (row === null ? null : toAccount(row));

  return {
    async createAccount(account) {
      const insert = queries
        .insertInto("accounts")
        .values(toAccountRow(account))
        .onConflict((conflict) => conflict.column("username_key").doNothing())
        .returning(ACCOUNT_COLUMNS);
      return orNull(await connection.durably(() => connection.firstNow(insert.compile())));
    },

    // The transaction begins as a writer, so no other process can add an account between the question and the insert.
    async createFirstAccount(account) {
      const insert = queries.insertInto("accounts").values(toAccountRow(account)).returning(ACCOUNT_COLUMNS);
      const isEmpty = () => connection.firstNow(accounts.limit(1).compile()) === null;
      return orNull(await connection.durably(() => (isEmpty() ? connection.firstNow(insert.compile()) : null)));
    },

    async findAccount(username) {
      return orNull(await connection.first(accounts.where("username_key", "=", usernameKey(username)).compile()));
    },

    async getAccount(id) {
      return orNull(await connection.first(accounts.where("id", "=", id).compile()));
    },

    async listAccounts() {
      return (await connection.all(accounts.orderBy("id").compile())).map(toAccount);
    },

    async countAccounts() {
      const count = sql<{ count: number }>`SELECT count(*) AS count FROM accounts`.compile(queries);
      return (await connection.first(count))?.count ?? 0;
    },
  };
}
