export type Role = "admin" | "user";
/** `read` sees and uses, whatever the role; `manage` does all that the role of its user may. */
export type TokenScope = "read" | "manage";

export interface Account {
  id: number;
  username: string;
  role: Role;
  passwordHash: string;
  createdAt: number;
}

/** Times are milliseconds since the epoch. Only hashes of session and API tokens are ever stored. */
export interface Session {
  tokenHash: string;
  accountId: number;
  createdAt: number;
  expiresAt: number;
}

export interface ApiToken {
  id: number;
  name: string;
  tokenHash: string;
  accountId: number;
  scope: TokenScope;
  createdAt: number;
  /** Null: never. */
  expiresAt: number | null;
  lastUsedAt: number | null;
}

/** Accounts, sessions and API tokens. Usernames are unique without regard to case. */
export interface AccountStore {
  /** Null where the name is taken. */
  createAccount(account: Omit<Account, "id">): Promise<Account | null>;
  /** Creates the very first account; null where any account exists. Of many at once exactly one succeeds. */
  createFirstAccount(account: Omit<Account, "id">): Promise<Account | null>;
  findAccount(username: string): Promise<Account | null>;
  getAccount(id: number): Promise<Account | null>;
  listAccounts(): Promise<Account[]>;
  countAccounts(): Promise<number>;
  /** Also ends every session of the account except `keepSession`. False where there is no such account. */
  setPassword(accountId: number, passwordHash: string, keepSession?: string): Promise<boolean>;
  /** Deletes the account with its sessions and tokens. Refuses (false) to delete the last admin. */
  deleteAccount(id: number): Promise<boolean>;

  createSession(session: Session): Promise<void>;
  /** Null where unknown or expired at `now`. */
  findSession(tokenHash: string, now: number): Promise<{ session: Session; account: Account } | null>;
  deleteSession(tokenHash: string): Promise<void>;
  deleteExpired(now: number): Promise<void>;

  createToken(token: Omit<ApiToken, "id" | "lastUsedAt">): Promise<ApiToken>;
  /** Null where unknown or expired at `now`. */
  findToken(tokenHash: string, now: number): Promise<{ token: ApiToken; account: Account } | null>;
  listTokens(accountId: number): Promise<ApiToken[]>;
  /** False where the account has no such token. */
  deleteToken(accountId: number, id: number): Promise<boolean>;
  touchToken(id: number, now: number): Promise<void>;
}
