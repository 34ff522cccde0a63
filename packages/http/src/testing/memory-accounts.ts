import type { Account, AccountStore, ApiToken, Session } from "@toru/core";

/** Accounts in memory. `reads` counts look-ups of sessions and tokens. */
export class MemoryAccounts implements AccountStore {
  reads = 0;
  readonly sessions = new Map<string, Session>();
  #accounts: Account[] = [];
  #tokens: ApiToken[] = [];
  #ids = 0;

  async createAccount(account: Omit<Account, "id">): Promise<Account | null> {
    if (this.#named(account.username) !== null) return null;
    const created = { id: ++this.#ids, ...account };
    this.#accounts.push(created);
    return created;
  }

  async createFirstAccount(account: Omit<Account, "id">): Promise<Account | null> {
    return this.#accounts.length > 0 ? null : this.createAccount(account);
  }

  async findAccount(username: string): Promise<Account | null> {
    return this.#named(username);
  }

  async getAccount(id: number): Promise<Account | null> {
    return this.#accounts.find((account) => account.id === id) ?? null;
  }

  async listAccounts(): Promise<Account[]> {
    return [...this.#accounts];
  }

  async countAccounts(): Promise<number> {
    return this.#accounts.length;
  }

  async setPassword(accountId: number, passwordHash: string, keepSession?: string): Promise<boolean> {
    const account = await this.getAccount(accountId);
    if (account === null) return false;
    this.#accounts = this.#accounts.map((other) => (other.id === accountId ? { ...account, passwordHash } : other));
    this.#endSessions(accountId, keepSession);
    return true;
  }

  async deleteAccount(id: number): Promise<boolean> {
    const account = await this.getAccount(id);
    const admins = this.#accounts.filter(({ role }) => role === "admin").length;
    if (account === null || (account.role === "admin" && admins === 1)) return false;
    this.#accounts = this.#accounts.filter((other) => other.id !== id);
    this.#tokens = this.#tokens.filter((token) => token.accountId !== id);
    this.#endSessions(id);
    return true;
  }

  async createSession(session: Session): Promise<void> {
    this.sessions.set(session.tokenHash, session);
  }

  async findSession(tokenHash: string, now: number): Promise<{ session: Session; account: Account } | null> {
    this.reads += 1;
    const session = this.sessions.get(tokenHash);
    if (session === undefined || session.expiresAt <= now) return null;
    const account = await this.getAccount(session.accountId);
    return account === null ? null : { session, account };
  }

  async deleteSession(tokenHash: string): Promise<void> {
    this.sessions.delete(tokenHash);
  }

  async deleteExpired(now: number): Promise<void> {
    for (const { tokenHash, expiresAt } of this.sessions.values())
      if (expiresAt <= now) this.sessions.delete(tokenHash);
  }

  async createToken(token: Omit<ApiToken, "id" | "lastUsedAt">): Promise<ApiToken> {
    const created = { id: ++this.#ids, lastUsedAt: null, ...token };
    this.#tokens.push(created);
    return created;
  }

  async findToken(tokenHash: string, now: number): Promise<{ token: ApiToken; account: Account } | null> {
    this.reads += 1;
    const token = this.#tokens.find((one) => one.tokenHash === tokenHash);
    if (token === undefined || (token.expiresAt !== null && token.expiresAt <= now)) return null;
    const account = await this.getAccount(token.accountId);
    return account === null ? null : { token, account };
  }

  async listTokens(accountId: number): Promise<ApiToken[]> {
    return this.#tokens.filter((token) => token.accountId === accountId);
  }

  async deleteToken(accountId: number, id: number): Promise<boolean> {
    const before = this.#tokens.length;
    this.#tokens = this.#tokens.filter((token) => token.id !== id || token.accountId !== accountId);
    return this.#tokens.length < before;
  }

  async touchToken(id: number, now: number): Promise<void> {
    this.#tokens = this.#tokens.map((token) => (token.id === id ? { ...token, lastUsedAt: now } : token));
  }

  #named(username: string): Account | null {
    return this.#accounts.find((account) => account.username.toLowerCase() === username.toLowerCase()) ?? null;
  }

  #endSessions(accountId: number, keep?: string): void {
    for (const session of this.sessions.values()) {
      if (session.accountId === accountId && session.tokenHash !== keep) this.sessions.delete(session.tokenHash);
    }
  }
}
