import { expect, test } from "bun:test";
import { LoginThrottle } from "./login-throttle.ts";

async function failures(throttle: LoginThrottle, addressOf: (number: number) => string | null): Promise<number> {
  for (let number = 0; number < 100; number += 1) {
    if (!(await throttle.attempt(`name-${number}`, addressOf(number))).allowed) return number;
  }
  return 100;
}

test("30 failures from one address are enough, whatever the names", async () => {
  const throttle = new LoginThrottle();
  expect(await failures(throttle, () => "192.0.2.7")).toBe(30);
  expect((await throttle.attempt("other", "192.0.2.8")).allowed).toBe(true);
});

test("a whole IPv6 network of one customer counts as one address, however it is written", async () => {
  const forms = ["2001:db8::1", "2001:db8:0:0:1:2:3:4", "2001:0DB8::abcd:1", "2001:db8:0:0::5%eth0"];
  expect(await failures(new LoginThrottle(), (number) => forms[number % forms.length] ?? "")).toBe(30);
  expect(await failures(new LoginThrottle(), (number) => `2001:db8:0:${number.toString(16)}::1`)).toBe(100);
});

test("10 failures for one name are enough, whatever the addresses; a right password in between does not count", async () => {
  const throttle = new LoginThrottle();
  for (let number = 0; number < 10; number += 1) {
    const attempt = await throttle.attempt("Ada", `192.0.2.${number}`);
    if (attempt.allowed) await attempt.succeeded();
  }
  const allowed: boolean[] = [];
  for (let number = 0; number < 11; number += 1)
    allowed.push((await throttle.attempt(number % 2 === 0 ? "ada" : "ADA", `192.0.2.${number}`)).allowed);
  expect(allowed).toEqual([...Array.from({ length: 10 }, () => true), false]);
});
