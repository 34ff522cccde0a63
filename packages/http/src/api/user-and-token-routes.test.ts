import { expect, test } from "bun:test";
import { TestHost } from "../testing/test-host.ts";

const JSON_TYPE = { "content-type": "application/json" };

test("an admin creates and deletes users; a deleted one is signed out at once", async () => {
  await using host = await TestHost.start();
  const headers = { ...JSON_TYPE, ...(await host.session("admin")) };
  const body = JSON.stringify({ username: "bob", password: "long enough to pass", role: "user" });
  const created = await host.fetch("/api/users", { method: "POST", headers, body });
  expect(created.status).toBe(201);
  expect(await created.json()).toMatchObject({ username: "bob", role: "user" });
  expect((await host.fetch("/api/users", { method: "POST", headers, body })).status).toBe(409);
  const list = (await (await host.fetch("/api/users", { headers })).json()) as { username: string }[];
  expect(list.map(({ username }) => username)).toEqual(["admin", "ada", "bob"]);
  expect(JSON.stringify(list)).not.toContain("argon2");

  const bob = await host.session("bob");
  expect((await host.fetch("/api/auth/me", { headers: bob })).status).toBe(200);
  expect((await host.fetch("/api/users/BOB", { method: "DELETE", headers })).status).toBe(204);
  expect((await host.fetch("/api/auth/me", { headers: bob })).status).toBe(401);
  expect((await host.fetch("/api/users/bob", { method: "DELETE", headers })).status).toBe(404);
  expect((await host.fetch("/api/users/admin", { method: "DELETE", headers })).status).toBe(409);
});

test("a token is shown once, works, is the caller's own, and ends when deleted", async () => {
  await using host = await TestHost.start();
  const headers = { ...JSON_TYPE, ...(await host.session("ada")) };
  const body = JSON.stringify({ name: "script" });
  const created = await host.fetch("/api/tokens", { method: "POST", headers, body });
  expect(created.status).toBe(201);
  const { id, token, ...rest } = (await created.json()) as { id: number; token: string; scope: string };
  expect(token).toMatch(/^toru_[\w-]{43}$/);
  expect(rest).toMatchObject({ name: "script", scope: "read", last_used_at: null });
  const bearer = { authorization: `Bearer ${token}` };
  expect(await (await host.fetch("/api/auth/me", { headers: bearer })).json()).toMatchObject({
    via: "token",
    scope: "read",
  });
  const list = await (await host.fetch("/api/tokens", { headers })).text();
  expect(list).toContain('"script"');
  expect(list).not.toContain(token);
  expect(JSON.parse(list)).toMatchObject([{ last_used_at: expect.any(String) }]);

  const other = await host.session("admin");
  expect((await host.fetch(`/api/tokens/${id}`, { method: "DELETE", headers: other })).status).toBe(404);
  expect((await host.fetch(`/api/tokens/${id}`, { method: "DELETE", headers })).status).toBe(204);
  expect((await host.fetch("/api/auth/me", { headers: bearer })).status).toBe(401);
});

test("a token is deleted by its id as it is listed, and by no other spelling of the number", async () => {
  await using host = await TestHost.start();
  const headers = { ...JSON_TYPE, ...(await host.session("ada")) };
  const create = { method: "POST", headers, body: JSON.stringify({ name: "script" }) };
  const { id } = (await (await host.fetch("/api/tokens", create)).json()) as { id: number };
  const remove = async (spelling: string) =>
    (await host.fetch(`/api/tokens/${spelling}`, { method: "DELETE", headers })).status;
  const spellings = [
    `0x${id.toString(16)}`,
    `0b${id.toString(2)}`,
    `0${id}`,
    `${id}.0`,
    `${id}e0`,
    `%20${id}`,
    `%2B${id}`,
  ];
  for (const spelling of [...spellings, "9".repeat(400), "-1", "NaN", "%00"]) {
    expect([spelling, await remove(spelling)]).toEqual([spelling, 404]);
  }
  expect(await remove(String(id))).toBe(204);
});

test("a wrong token of ours is not saved by a cookie; a foreign one leaves the cookie to decide", async () => {
  await using host = await TestHost.start();
  const { cookie } = await host.session("ada");
  const ask = (authorization: string) => host.fetch("/api/auth/me", { headers: { cookie, authorization } });
  expect((await ask(`Bearer toru_${"x".repeat(43)}`)).status).toBe(401);
  expect((await ask("Bearer of-a-plugin")).status).toBe(200);
});

test("the control socket creates tokens for the account admin, and says where there is none", async () => {
  await using host = await TestHost.start();
  const create = { method: "POST", headers: JSON_TYPE, body: JSON.stringify({ name: "cli", scope: "manage" }) };
  const { token } = (await (await host.local("/api/tokens", create)).json()) as { token: string };
  const me = await host.fetch("/api/auth/me", { headers: { authorization: `Bearer ${token}` } });
  expect(await me.json()).toMatchObject({ username: "admin", via: "token", scope: "manage" });
  await using empty = await TestHost.start({}, {});
  expect((await empty.local("/api/tokens", create)).status).toBe(409);
});
