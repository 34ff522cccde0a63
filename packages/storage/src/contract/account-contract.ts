import { describe, expect } from "bun:test";
import type { Account } from "@toru/core";
import { startChild } from "./child-process.ts";
import { storageTest, type MakeFixture } from "./fixture.ts";

export function accountContract(make: MakeFixture): void {
  describe("accounts", () => {
    storageTest(make, "a created account is found by name, by id and in the list", async ({ accounts }) => {
      const ada = await accounts.createAccount(newAccount("Ada"));
      expect(ada).toEqual({ id: expect.any(Number), ...newAccount("Ada") });
      expect(await accounts.findAccount("Ada")).toEqual(ada);
      expect(await accounts.getAccount(ada?.id ?? 0)).toEqual(ada);
      expect(await accounts.listAccounts()).toEqual(ada === null ? [] : [ada]);
      expect(await accounts.countAccounts()).toBe(1);
    });

    storageTest(make, "an unknown account is null", async ({ accounts }) => {
      expect(await accounts.findAccount("nobody")).toBeNull();
      expect(await accounts.getAccount(1)).toBeNull();
      expect(await accounts.setPassword(1, "hash")).toBe(false);
      expect(await accounts.deleteAccount(1)).toBe(false);
      expect(await accounts.countAccounts()).toBe(0);
    });

    storageTest(make, "names are unique and found without regard to case, in any script", async ({ accounts }) => {
      const ada = await accounts.createAccount(newAccount("Ada"));
      const angstrom = await accounts.createAccount(newAccount("Ångström"));
      expect(await accounts.createAccount(newAccount("aDA"))).toBeNull();
      expect(await accounts.createAccount(newAccount("åNGSTRÖM"))).toBeNull();
      expect(await accounts.createAccount(newAccount("A\u030Angstro\u0308m"))).toBeNull();
      expect(await accounts.findAccount("ADA")).toEqual(ada);
      expect(await accounts.findAccount("ångström")).toEqual(angstrom);
      expect(await accounts.countAccounts()).toBe(2);
    });

    storageTest(make, "of many creations of one name at once exactly one succeeds", async ({ accounts }) => {
      const created = await Promise.all(Array.from({ length: 20 }, () => accounts.createAccount(newAccount("ada"))));
      expect(created.filter((account) => account !== null)).toHaveLength(1);
    });

    storageTest(make, "of many first accounts at once exactly one is created", async ({ accounts }) => {
      const names = Array.from({ length: 50 }, (_, index) => `admin-${index}`);
      const created = await Promise.all(names.map((name) => accounts.createFirstAccount(newAccount(name))));
      expect(created.filter((account) => account !== null)).toHaveLength(1);
      expect(await accounts.countAccounts()).toBe(1);
      expect(await accounts.createFirstAccount(newAccount("late"))).toBeNull();
    });

    storageTest(make, "of two processes that open a new database at once one creates the first account", async () => {
      await using fresh = await make();
      await using one = startChild("create-first-account.ts", [fresh.url, "one"]);
      await using two = startChild("create-first-account.ts", [fresh.url, "two"]);
      const children = [one, two];
      for (const child of children) expect(await child.nextLine()).toBe("ready");
      for (const child of children) await child.send("go");
      const created = await Promise.all(children.map((child) => child.nextLine()));
      expect(new Set(created)).toEqual(new Set(["0", "1"]));
      expect(await Promise.all(children.map((child) => child.exited))).toEqual([0, 0]);
      const { accounts } = await fresh.open();
      expect(await accounts.countAccounts()).toBe(1);
    });

    storageTest(make, "the last admin cannot be deleted, another one can", async ({ accounts }) => {
      const admin = await accounts.createFirstAccount(newAccount("admin"));
      const user = await accounts.createAccount({ ...newAccount("user"), role: "user" });
      if (admin === null || user === null) throw new Error("the accounts of this test could not be created");
      expect(await accounts.deleteAccount(admin.id)).toBe(false);
      expect(await accounts.getAccount(admin.id)).toEqual(admin);

      const second = await accounts.createAccount(newAccount("second"));
      expect(await accounts.deleteAccount(admin.id)).toBe(true);
      expect(await accounts.deleteAccount(second?.id ?? 0)).toBe(false);
      expect(await accounts.deleteAccount(user.id)).toBe(true);
      expect(await accounts.listAccounts()).toEqual(second === null ? [] : [second]);
    });

    storageTest(make, "of two admins that are deleted at once one stays", async ({ accounts }) => {
      const admins = await Promise.all(["a", "b"].map((name) => accounts.createAccount(newAccount(name))));
      const deleted = await Promise.all(admins.map((admin) => accounts.deleteAccount(admin?.id ?? 0)));
      expect(new Set(deleted)).toEqual(new Set([false, true]));
    });

    storageTest(make, "the id of a deleted account is never given again", async ({ accounts }) => {
      await accounts.createFirstAccount(newAccount("admin"));
      const old = await accounts.createAccount(newAccount("old"));
      await accounts.deleteAccount(old?.id ?? 0);
      const next = await accounts.createAccount(newAccount("old"));
      expect(next?.id).toBeGreaterThan(old?.id ?? Infinity);
    });
  });
}

function newAccount(username: string): Omit<Account, "id"> {
  return { username, role: "admin", passwordHash: `hash of ${username}`, createdAt: 1_767_000_000_123 };
}
