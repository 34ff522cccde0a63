import { describe, expect } from "bun:test";
import { storageTest, type MakeFixture } from "./fixture.ts";

const MEBIBYTE = 1024 * 1024;
const LONE_SURROGATE = "\ud800";

/** Spec: "Plugin Key-Value Storage". */
export function kvContract(make: MakeFixture): void {
  describe("kv", () => {
    storageTest(make, "get returns what set stored, and null where nothing is", async ({ kv }) => {
      expect(await kv.get("acme", "key")).toBeNull();
      await kv.set("acme", "key", "one");
      await kv.set("acme", "key", "two");
      expect(await kv.get("acme", "key")).toBe("two");
    });

    storageTest(make, "an empty value is a value", async ({ kv }) => {
      await kv.set("acme", "key", "");
      expect(await kv.get("acme", "key")).toBe("");
    });

    storageTest(make, "delete removes a key, and a missing key is no error", async ({ kv }) => {
      await kv.set("acme", "key", "value");
      await kv.delete("acme", "key");
      await kv.delete("acme", "key");
      expect(await kv.get("acme", "key")).toBeNull();
    });

    storageTest(make, "two plugins with one key see only their own value", async ({ kv }) => {
      await kv.set("acme", "key", "of acme");
      await kv.set("backup", "key", "of backup");
      await kv.delete("backup", "key");
      expect(await kv.get("acme", "key")).toBe("of acme");
      expect(await kv.get("backup", "key")).toBeNull();
    });

    storageTest(make, "plugin ids that differ only in case are two namespaces", async ({ kv }) => {
      await kv.set("acme", "key", "lower");
      expect(await kv.get("ACME", "key")).toBeNull();
      expect(await kv.list("ACME", { prefix: "", after: null, limit: 10 })).toEqual({ keys: [], more: false });
    });

    storageTest(make, "values persist when the database is opened again", async (storage, fixture) => {
      await storage.kv.set("acme", "key", "value");
      await storage.close();
      const reopened = await fixture.open();
      expect(await reopened.kv.get("acme", "key")).toBe("value");
    });

    storageTest(make, "values of 1 MiB and keys of 512 bytes fit", async ({ kv }) => {
      const key = "é".repeat(256);
      const value = `${"x".repeat(MEBIBYTE - 4)}\u{1F600}`;
      expect([Buffer.byteLength(key), Buffer.byteLength(value)]).toEqual([512, MEBIBYTE]);
      await kv.set("acme", key, value);
      expect((await kv.get("acme", key)) === value).toBe(true);
    });

    storageTest(make, "one plugin stores at most 64 MiB, others are free", async (storage, fixture) => {
      const { kv } = storage;
      const value = "é".repeat(MEBIBYTE / 2);
      const key = (number: number) => `key-${String(number).padStart(2, "0")}`;
      const set = (number: number, text: string) => kv.set("acme", key(number), text);
      // Keys count, too: 63 whole values, and a last one that fills it up to the byte.
      await Promise.all(Array.from({ length: 63 }, (_, number) => set(number, value)));
      const last = "x".repeat(MEBIBYTE - 64 * key(0).length);
      const refused = { name: "StorageError", code: "quota_exceeded" };
      expect(set(63, `${last}x`)).rejects.toMatchObject(refused);
      await set(63, last);
      const [over, other, smaller] = await Promise.allSettled([set(64, ""), kv.set("backup", "key", "x"), set(0, "")]);
      expect([over.status, other.status, smaller.status]).toEqual(["rejected", "fulfilled", "fulfilled"]);
      await set(64, "");
      await kv.delete("acme", key(1));
      await set(65, "x".repeat(MEBIBYTE));
      await storage.close();
      const reopened = await fixture.open();
      expect(reopened.kv.set("acme", "key", value)).rejects.toMatchObject(refused);
    });

    storageTest(make, "any well-formed text is a key and a value, unchanged", async ({ kv }) => {
      const texts = [
        "__proto__",
        "constructor",
        "a\0b",
        "a",
        "\0",
        "\uFEFFbom",
        "é",
        "e\u0301",
        "\u{10FFFF}",
        "'; --",
        "%",
      ];
      for (const text of texts) await kv.set("acme", text, `value of ${text}`);
      for (const text of texts) expect(await kv.get("acme", text)).toBe(`value of ${text}`);
      expect((await kv.list("acme", { prefix: "", after: null, limit: 100 })).keys).toHaveLength(texts.length);
    });

    storageTest(make, "a lone surrogate is refused, not replaced", async ({ kv }) => {
      const refused = { name: "StorageError", code: "not_utf8" };
      expect(kv.set("acme", LONE_SURROGATE, "value")).rejects.toMatchObject(refused);
      expect(kv.set("acme", "key", LONE_SURROGATE)).rejects.toMatchObject(refused);
      expect(kv.get("acme", LONE_SURROGATE)).rejects.toMatchObject(refused);
      expect(kv.delete("acme", LONE_SURROGATE)).rejects.toMatchObject(refused);
      const page = { prefix: LONE_SURROGATE, after: null, limit: 1 };
      expect(kv.list("acme", page)).rejects.toMatchObject(refused);
      expect(kv.list("acme", { ...page, prefix: "", after: LONE_SURROGATE })).rejects.toMatchObject(refused);
      expect(await kv.get("acme", "key")).toBeNull();
    });

    storageTest(make, "what one plugin asks at once happens in its order", async ({ kv }) => {
      const page = { prefix: "", after: null, limit: 10 };
      const answers = await Promise.all([
        kv.get("acme", "key"),
        kv.set("acme", "key", "one"),
        kv.get("acme", "key"),
        kv.set("acme", "key", "two"),
        kv.list("acme", page),
        kv.get("acme", "key"),
        kv.delete("acme", "key"),
        kv.get("acme", "key"),
        kv.list("acme", page),
      ]);
      const [none, , one, , listed, two, , gone, empty] = answers;
      expect([none, one, two, gone]).toEqual([null, "one", "two", null]);
      expect([listed, empty]).toEqual([
        { keys: ["key"], more: false },
        { keys: [], more: false },
      ]);
    });

    storageTest(make, "many writes at once are all stored", async ({ kv }) => {
      const keys = Array.from({ length: 2_000 }, (_, index) => `key-${index}`);
      await Promise.all(keys.map((key) => kv.set("acme", key, `value of ${key}`)));
      const values = await Promise.all(keys.map((key) => kv.get("acme", key)));
      expect(values).toEqual(keys.map((key) => `value of ${key}`));
    });
  });
}
