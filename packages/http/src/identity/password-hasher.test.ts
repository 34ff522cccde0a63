import { expect, test } from "bun:test";
import { hashPassword, PasswordHasher } from "./password-hasher.ts";

test("a password matches its own hash, and none where there is no account", async () => {
  const passwords = new PasswordHasher();
  const hash = await hashPassword("right");
  expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  expect(await passwords.verify("right", hash)).toBe(true);
  expect(await passwords.verify("wrong", hash)).toBe(false);
  expect(await passwords.verify("right", null)).toBe(false);
});

test("who finds too many waiting is sent away, and the others all get their turn", async () => {
  const passwords = new PasswordHasher();
  const results = await Promise.all(Array.from({ length: 40 }, () => passwords.hash("x")));
  expect(results.filter((hash) => hash === null)).toHaveLength(6);
  expect(await passwords.hash("x")).not.toBeNull();
}, 20_000);
