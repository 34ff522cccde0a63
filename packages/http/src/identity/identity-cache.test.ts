import { expect, test } from "bun:test";
import { IdentityCache } from "./identity-cache.ts";
import { LOCAL } from "./identity.ts";

test("an entry is believed for 5 s", () => {
  let now = 0;
  const cache = new IdentityCache(() => now);
  cache.set("a", LOCAL, cache.generation);
  now = 4_999;
  expect(cache.get("a")).toBe(LOCAL);
  now = 5_000;
  expect(cache.get("a")).toBeNull();
});

test("a look-up that began before a clear is not stored behind it", () => {
  const cache = new IdentityCache(() => 0);
  const { generation } = cache;
  cache.clear();
  cache.set("a", LOCAL, generation);
  expect(cache.get("a")).toBeNull();
});

test("of more than 1,000 entries the oldest go", () => {
  const cache = new IdentityCache(() => 0);
  for (let index = 0; index <= 1_000; index += 1) cache.set(String(index), LOCAL, cache.generation);
  expect(cache.get("0")).toBeNull();
  expect(cache.get("1")).toBe(LOCAL);
  expect(cache.get("1000")).toBe(LOCAL);
});
