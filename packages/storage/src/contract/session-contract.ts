import { describe, expect } from "bun:test";
import type { Account, AccountStore, Session } from "@toru/core";
import { storageTest, type MakeFixture } from "./fixture.ts";

const NOW = 1_767_000_000_123;
const HOUR = 3_600_000;

export function sessionContract(make: MakeFixture): void {
  describe("sessions", () => {
    storageTest(make, "a session is found with its account until it expires", async ({ accounts }) => {
      const account = await createAccount(accounts, "ada");
      const session = newSession(account, "one");
      await accounts.createSession(session);
      expect(await accounts.findSession("one", NOW)).toEqual({ session, account });
      expect(await accounts.findSession("one", NOW + HOUR - 1)).toEqual({ session, account });
      expect(await accounts.findSession("one", NOW + HOUR)).toBeNull();
      expect(await accounts.findSession("another", NOW)).toBeNull();
    });

    storageTest(make, "a deleted session is gone, and deleting it again is no error", async ({ accounts }) => {
      const account = await createAccount(accounts, "ada");
      await accounts.createSession(newSession(account, "one"));
      await accounts.createSession(newSession(account, "two"));
      await accounts.deleteSession("one");
      await accounts.deleteSession("one");
      expect(await accounts.findSession("one", NOW)).toBeNull();
      expect(await accounts.findSession("two", NOW)).not.toBeNull();
    });

    storageTest(make, "deleteExpired removes what has expired and nothing else", async ({ accounts }) => {
      const account = await createAccount(accounts, "ada");
      await accounts.createSession(newSession(account, "over"));
      await accounts.createSession({ ...newSession(account, "valid"), expiresAt: NOW + HOUR + 1 });
      await accounts.deleteExpired(NOW + HOUR);
      expect(await accounts.findSession("over", NOW)).toBeNull();
      expect(await accounts.findSession("valid", NOW)).not.toBeNull();
    });

    storageTest(make, "setPassword ends every session of the account but the one to keep", async ({ accounts }) => {
      const ada = await createAccount(accounts, "ada");
      const bob = await createAccount(accounts, "bob");
      for (const name of ["a1", "a2", "a3"]) await accounts.createSession(newSession(ada, name));
      await accounts.createSession(newSession(bob, "b1"));

      expect(await accounts.setPassword(ada.id, "new hash", "a2")).toBe(true);
      expect(await liveSessions(accounts, ["a1", "a2", "a3", "b1"])).toEqual(["a2", "b1"]);
      expect((await accounts.getAccount(ada.id))?.passwordHash).toBe("new hash");
      expect((await accounts.getAccount(bob.id))?.passwordHash).toBe("hash");

      expect(await accounts.setPassword(ada.id, "newer hash")).toBe(true);
      expect(await liveSessions(accounts, ["a2", "b1"])).toEqual(["b1"]);
    });

    storageTest(make, "deleting an account ends its sessions, and no new one can begin", async ({ accounts }) => {
      await createAccount(accounts, "admin");
      const ada = await createAccount(accounts, "ada");
      await accounts.createSession(newSession(ada, "one"));
      expect(await accounts.deleteAccount(ada.id)).toBe(true);
      expect(await accounts.findSession("one", NOW)).toBeNull();
      expect(accounts.createSession(newSession(ada, "two"))).rejects.toMatchObject({ code: "constraint" });
    });

    storageTest(make, "sessions persist when the database is opened again", async (storage, fixture) => {
      const account = await createAccount(storage.accounts, "ada");
      await storage.accounts.createSession(newSession(account, "one"));
      await storage.close();
      const { accounts } = await fixture.open();
      expect((await accounts.findSession("one", NOW))?.account).toEqual(account);
    });
  });
}

function newSession(account: Account, tokenHash: string): Session {
  return { tokenHash, accountId: account.id, createdAt: NOW, expiresAt: NOW + HOUR };
}

async function createAccount(accounts: AccountStore, username: string): Promise<Account> {
  const account = await accounts.createAccount({ username, role: "admin", passwordHash: "hash", createdAt: NOW });
  if (account === null) throw new Error(`the name ${username} is taken`);
  return account;
}

async function liveSessions(accounts: AccountStore, names: string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => accounts.findSession(name, NOW)));
  return names.filter((_, index) => found[index] !== null);
}
