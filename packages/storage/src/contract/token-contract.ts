import { describe, expect } from "bun:test";
import type { Account, AccountStore, ApiToken } from "@toru/core";
import { storageTest, type MakeFixture } from "./fixture.ts";

const NOW = 1_767_000_000_123;
const HOUR = 3_600_000;

export function tokenContract(make: MakeFixture): void {
  describe("API tokens", () => {
    storageTest(
      make,
      "a token is found with its account, and for ever where it never expires",
      async ({ accounts }) => {
        const account = await createAccount(accounts, "ada");
        const token = await accounts.createToken(newToken(account, "backup script"));
        expect(token).toEqual({ id: expect.any(Number), lastUsedAt: null, ...newToken(account, "backup script") });
        expect(await accounts.findToken("hash of backup script", NOW * 10)).toEqual({ token, account });
        expect(await accounts.findToken("another", NOW)).toBeNull();
      },
    );

    storageTest(make, "an expired token is not found, but stays in its owner's list", async ({ accounts }) => {
      const account = await createAccount(accounts, "ada");
      const token = await accounts.createToken({ ...newToken(account, "short"), expiresAt: NOW + HOUR });
      expect(await accounts.findToken("hash of short", NOW + HOUR - 1)).toEqual({ token, account });
      expect(await accounts.findToken("hash of short", NOW + HOUR)).toBeNull();
      await accounts.deleteExpired(NOW + HOUR);
      expect(await accounts.listTokens(account.id)).toEqual([token]);
    });

    storageTest(make, "touchToken records the last use", async ({ accounts }) => {
      const account = await createAccount(accounts, "ada");
      const token = await accounts.createToken(newToken(account, "script"));
      await accounts.touchToken(token.id, NOW + 5);
      expect(await accounts.listTokens(account.id)).toEqual([{ ...token, lastUsedAt: NOW + 5 }]);
    });

    storageTest(make, "only its own account deletes a token", async ({ accounts }) => {
      const ada = await createAccount(accounts, "ada");
      const bob = await createAccount(accounts, "bob");
      const token = await accounts.createToken(newToken(ada, "script"));
      expect(await accounts.deleteToken(bob.id, token.id)).toBe(false);
      expect(await accounts.listTokens(bob.id)).toEqual([]);
      expect(await accounts.deleteToken(ada.id, token.id)).toBe(true);
      expect(await accounts.deleteToken(ada.id, token.id)).toBe(false);
      expect(await accounts.findToken("hash of script", NOW)).toBeNull();
    });

    storageTest(make, "tokens outlive a new password, but not their account", async ({ accounts }) => {
      await createAccount(accounts, "admin");
      const ada = await createAccount(accounts, "ada");
      await accounts.createToken(newToken(ada, "script"));
      await accounts.setPassword(ada.id, "new hash");
      expect(await accounts.findToken("hash of script", NOW)).not.toBeNull();
      await accounts.deleteAccount(ada.id);
      expect(await accounts.findToken("hash of script", NOW)).toBeNull();
      expect(accounts.createToken(newToken(ada, "late"))).rejects.toMatchObject({ code: "constraint" });
    });
  });
}

function newToken(account: Account, name: string): Omit<ApiToken, "id" | "lastUsedAt"> {
  return {
    name,
    tokenHash: `hash of ${name}`,
    accountId: account.id,
    scope: "read",
    createdAt: NOW,
    expiresAt: null,
  };
}

async function createAccount(accounts: AccountStore, username: string): Promise<Account> {
  const account = await accounts.createAccount({ username, role: "admin", passwordHash: "hash", createdAt: NOW });
  if (account === null) throw new Error(`the name ${username} is taken`);
  return account;
}
