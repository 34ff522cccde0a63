import type { AccountStore } from "@toru/core";
import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

type AccountChanges = Pick<AccountStore, "setPassword" | "deleteAccount">;

export function sqliteAccountChanges(connection: SqliteConnection, queries: Kysely<Schema>): AccountChanges {
  return {
    async setPassword(accountId, passwordHash, keepSession) {
      const update = queries
        .updateTable("accounts")
        .set({ password_hash: passwordHash })
        .where("id", "=", accountId)
        .returning("id");
      let sessions = queries.deleteFrom("sessions").where("account_id", "=", accountId);
      if (keepSession !== undefined) sessions = sessions.where("token_hash", "!=", keepSession);
      return connection.durably(() => {
        connection.allNow(sessions.compile());
        return connection.firstNow(update.compile()) !== null;
      });
    },

    async deleteAccount(id) {
      const otherAdmin = queries.selectFrom("accounts").select("id").where("role", "=", "admin").where("id", "!=", id);
      const remove = queries
        .deleteFrom("accounts")
        .where("id", "=", id)
        .where((row) => row.or([row("role", "!=", "admin"), row.exists(otherAdmin)]))
        .returning("id");
      return connection.durably(() => connection.firstNow(remove.compile()) !== null);
    },
  };
}
