import type { AccountStore, ApiToken } from "@toru/core";
import type { Insertable, Kysely, Selectable } from "kysely";
import { ACCOUNT_COLUMNS, toAccount } from "./account-row.ts";
import type { Schema } from "./schema.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

type Tokens = Pick<AccountStore, "createToken" | "findToken" | "listTokens" | "deleteToken" | "touchToken">;

export function sqliteTokens(connection: SqliteConnection, queries: Kysely<Schema>): Tokens {
  const tokens = queries.selectFrom("api_tokens").selectAll();

  return {
    async createToken(token) {
      const insert = queries.insertInto("api_tokens").values(toRow(token)).returningAll();
      const row = await connection.durably(() => connection.firstNow(insert.compile()));
      if (row === null) throw connection.fault(new Error("an INSERT of a token returned no row"));
      return toToken(row);
    },

    async findToken(tokenHash, now) {
      const query = tokens
        .where("token_hash", "=", tokenHash)
        .where((row) => row.or([row("expires_at", "is", null), row("expires_at", ">", now)]));
      const row = await connection.first(query.compile());
      if (row === null) return null;
      const owner = queries.selectFrom("accounts").select(ACCOUNT_COLUMNS).where("id", "=", row.account_id);
      // No account: another process has deleted it, and its tokens, since the read above.
      const account = await connection.first(owner.compile());
      return account === null ? null : { token: toToken(row), account: toAccount(account) };
    },

    async listTokens(accountId) {
      const rows = await connection.all(tokens.where("account_id", "=", accountId).orderBy("id").compile());
      return rows.map(toToken);
    },

    async deleteToken(accountId, id) {
      const remove = queries
        .deleteFrom("api_tokens")
        .where("id", "=", id)
        .where("account_id", "=", accountId)
        .returning("id");
      return connection.durably(() => connection.firstNow(remove.compile()) !== null);
    },

    async touchToken(id, now) {
      await connection.all(queries.updateTable("api_tokens").set({ last_used_at: now }).where("id", "=", id).compile());
    },
  };
}

function toToken(row: Selectable<Schema["api_tokens"]>): ApiToken {
  return {
    id: row.id,
    name: row.name,
    tokenHash: row.token_hash,
    accountId: row.account_id,
    scope: row.scope,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

function toRow(token: Omit<ApiToken, "id" | "lastUsedAt">): Insertable<Schema["api_tokens"]> {
  return {
    name: token.name,
    token_hash: token.tokenHash,
    account_id: token.accountId,
    scope: token.scope,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
  };
}
