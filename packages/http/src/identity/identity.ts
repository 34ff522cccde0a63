import type { Account, Role, TokenScope } from "@toru/core";

/** Who sent a request. */
export interface Identity {
  /** Null for `local`. */
  accountId: number | null;
  username: string;
  role: Role;
  scope: TokenScope;
  via: "session" | "token" | "local";
  /** Hash of the session's token, to end it. */
  sessionHash: string | null;
}

/** Whoever can open the control socket. */
export const LOCAL: Identity = {
  accountId: null,
  username: "local",
  role: "admin",
  scope: "manage",
  via: "local",
  sessionHash: null,
};

export function sessionIdentity(account: Account, sessionHash: string): Identity {
  const { id, username, role } = account;
  return { accountId: id, username, role, scope: "manage", via: "session", sessionHash };
}

export function tokenIdentity(account: Account, scope: TokenScope): Identity {
  const { id, username, role } = account;
  return { accountId: id, username, role, scope, via: "token", sessionHash: null };
}
