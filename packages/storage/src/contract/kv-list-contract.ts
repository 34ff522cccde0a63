import { describe, expect } from "bun:test";
import type { KvStore } from "@toru/core";
import { storageTest, type MakeFixture } from "./fixture.ts";

/** One key for every border in the order: UTF-8 and UTF-16 disagree on those from U+E000 on. */
const UNUSUAL_KEYS = [
  ..."a A b z % _ * ? [ \\ ' \" é".split(" "),
  "a\0",
  "aa",
  "a%",
  "a_b",
  "axb",
  "a\uD7FF",
  "a\uD7FFz",
  "a\uE000",
  "a\uFFFD",
  "a\uFFFF",
  "a\u{10000}",
  "a\u{10FFFF}",
  "a\u{10FFFF}b",
  "a\u{10FFFF}\u{10FFFF}",
  "b\0",
  "\uD7FF",
  "\uE000",
  "\uFFFF",
  "\u{10000}",
  "\u{10FFFF}",
  "\u{10FFFF}\u{10FFFF}",
  "\u{10FFFF}\u{10FFFF}z",
];

export function kvListContract(make: MakeFixture): void {
  describe("kv list", () => {
    storageTest(
      make,
      "keys come sorted by their UTF-8 bytes, for every prefix and from every key on",
      async ({ kv }) => {
        await fill(kv, UNUSUAL_KEYS);
        const sorted = [...UNUSUAL_KEYS].sort(compareUtf8);
        for (const prefix of ["", ...UNUSUAL_KEYS]) {
          for (const after of [null, "", ...UNUSUAL_KEYS]) {
            const expected = sorted.filter(
              (key) => key.startsWith(prefix) && (after === null || compareUtf8(key, after) > 0),
            );
            expect(await kv.list("acme", { prefix, after, limit: 1000 })).toEqual({ keys: expected, more: false });
          }
        }
      },
    );

    storageTest(make, "wildcards in a prefix are plain characters", async ({ kv }) => {
      await fill(kv, ["a%b", "a_b", "axb", "A_B"]);
      expect((await kv.list("acme", { prefix: "a%", after: null, limit: 10 })).keys).toEqual(["a%b"]);
      expect((await kv.list("acme", { prefix: "a_", after: null, limit: 10 })).keys).toEqual(["a_b"]);
    });

    storageTest(make, "pages walk through all keys once, and say when more follow", async ({ kv }) => {
      const keys = Array.from({ length: 25 }, (_, index) => `item/${String(index).padStart(2, "0")}`);
      await fill(kv, [...keys, "items", "item", "other"]);
      const pages: string[][] = [];
      let after: string | null = null;
      for (let more = true; more;) {
        const page: { keys: string[]; more: boolean } = await kv.list("acme", { prefix: "item/", after, limit: 10 });
        pages.push(page.keys);
        after = page.keys.at(-1) ?? null;
        more = page.more;
      }
      expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
      expect(pages.flat()).toEqual(keys);
    });

    storageTest(make, "a last page that is full says that nothing follows", async ({ kv }) => {
      await fill(kv, ["a", "b"]);
      expect(await kv.list("acme", { prefix: "", after: null, limit: 2 })).toEqual({ keys: ["a", "b"], more: false });
      expect(await kv.list("acme", { prefix: "", after: "b", limit: 2 })).toEqual({ keys: [], more: false });
    });

    storageTest(make, "keys of other plugins are not listed", async ({ kv }) => {
      await fill(kv, ["a"]);
      await kv.set("acme-2", "b", "value");
      await kv.set("acm", "c", "value");
      expect((await kv.list("acme", { prefix: "", after: null, limit: 10 })).keys).toEqual(["a"]);
    });
  });
}

async function fill(kv: KvStore, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => kv.set("acme", key, "value")));
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
