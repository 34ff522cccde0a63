import { describe, expect } from "bun:test";
import { storageTest, type MakeFixture } from "./fixture.ts";

export function lifecycleContract(make: MakeFixture): void {
  describe("opening and closing", () => {
    storageTest(make, "check resolves while the database answers", async (storage) => {
      expect(await storage.check()).toBeUndefined();
    });

    storageTest(make, "a database can be opened again, and twice at once", async (storage, fixture) => {
      await storage.kv.set("acme", "key", "value");
      const second = await fixture.open();
      expect(await second.kv.get("acme", "key")).toBe("value");
      await second.kv.set("acme", "key", "changed");
      expect(await storage.kv.get("acme", "key")).toBe("changed");
    });

    storageTest(make, "what was asked for before closing is stored", async (storage, fixture) => {
      const write = storage.kv.set("acme", "key", "value");
      await storage.close();
      await write;
      expect(await (await fixture.open()).kv.get("acme", "key")).toBe("value");
    });

    storageTest(make, "closing twice is no error, and every store refuses afterwards", async (storage) => {
      await storage.close();
      await storage.close();
      const closed = { name: "StorageError", code: "closed" };
      expect(storage.check()).rejects.toMatchObject(closed);
      expect(storage.kv.get("acme", "key")).rejects.toMatchObject(closed);
      expect(storage.kv.set("acme", "key", "value")).rejects.toMatchObject(closed);
      expect(storage.events.list({ limit: 1 })).rejects.toMatchObject(closed);
      expect(storage.accounts.listAccounts()).rejects.toMatchObject(closed);
      expect(storage.accounts.deleteAccount(1)).rejects.toMatchObject(closed);
    });
  });
}
