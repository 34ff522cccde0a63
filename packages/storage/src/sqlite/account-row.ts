import type { Account } from "@toru/core";
import type { Insertable, Selectable } from "kysely";
import type { Schema } from "./schema.ts";

export const ACCOUNT_COLUMNS = ["id", "username", "role", "password_hash", "created_at"] as const;

export type AccountRow = Pick<Selectable<Schema["accounts"]>, (typeof ACCOUNT_COLUMNS)[number]>;

export function toAccount(row: AccountRow): Account {
  const { id, username, role, password_hash: passwordHash, created_at: createdAt } = row;
  return { id, username, role, passwordHash, createdAt };
}

export function toAccountRow(account: Omit<Account, "id">): Insertable<Schema["accounts"]> {
  const { username, role, passwordHash, createdAt } = account;
  return {
    username,
    username_key: usernameKey(username),
    role,
    password_hash: passwordHash,
    created_at: createdAt,
  };
}

/** One key for all spellings of a name: SQLite's own NOCASE knows ASCII only. */
export function usernameKey(username: string): string {
  return username.normalize("NFKC").toLowerCase();
}
