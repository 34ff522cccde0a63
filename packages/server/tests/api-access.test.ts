import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ADMIN_PASSWORD, TestHost } from "./support/test-host.ts";

const USER_PASSWORD = "a user's own password";

let host: TestHost;
/** Session of an account with the role `user`. */
let userCookie: string;

beforeAll(async () => {
  host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
  await host.reaches("acme", "running", "healthy");
  const created = await host.post("/api/users", { username: "ursula", password: USER_PASSWORD, role: "user" });
  expect(created.status).toBe(201);
  userCookie = cookieOf(await login("ursula", USER_PASSWORD));
});

afterAll(() => host[Symbol.asyncDispose]());

function login(username: string, password: string, on = host): Promise<Response> {
  return fetch(`${on.url}/api/auth/login`, {
    method: "POST",
    body: JSON.stringify({ username, password }),
    headers: { "content-type": "application/json", origin: on.url },
  });
}

function cookieOf(response: Response): string {
  return (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
}

async function statusAs(cookie: string, method: string, path: string, body: object | null = null): Promise<number> {
  const headers = { cookie, "content-type": "application/json" };
  return (await host.fetch(path, { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) })).status;
}

async function statusWith(token: string, method: string, path: string, body: object | null = null): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(host.url + path, {
    method,
    headers,
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  return response.status;
}

/** What only admins may do. */
const MANAGING: [string, string, object | null][] = [
  ["POST", "/api/plugins/acme/disable", null],
  ["POST", "/api/plugins/acme/enable", null],
  ["POST", "/api/plugins/acme/restart", null],
  ["GET", "/api/plugins/acme/logs", null],
  ["GET", "/api/plugins/acme/logs/stream", null],
  ["GET", "/api/plugins/acme/logs/download", null],
  ["GET", "/api/plugins/acme/paths", null],
  ["GET", "/api/plugin-events", null],
  ["GET", "/api/plugins/acme/events", null],
  ["POST", "/api/plugins/acme/handle-kv", { action: "get", key: "k" }],
  ["GET", "/metrics", null],
  ["GET", "/api/users", null],
  ["PUT", "/api/plugins/acme/development", { lease_ms: 0 }],
  ["POST", "/api/users", { username: "x", password: "long enough for one", role: "admin" }],
  ["DELETE", "/api/users/admin", null],
];

/** What every signed-in user may do. */
const USING: [string, string, object | null][] = [
  ["GET", "/api/auth/me", null],
  ["GET", "/api/plugins", null],
  ["GET", "/api/plugins/acme", null],
  ["GET", "/plugins/acme/x", null],
  ["GET", "/api/plugins/route/acme/x", null],
  ["POST", "/plugins/acme/x", null],
  ["POST", "/api/plugins/acme/kv", { action: "get", key: "k" }],
  ["GET", "/api/openapi.json", null],
  ["GET", "/api/host", null],
  ["GET", "/api/resources", null],
];

describe("Plugin API Endpoints: who may do what", () => {
  test.each([...MANAGING, ...USING])("nobody does %s %s without signing in", async (method, path, body) => {
    const response = await fetch(host.url + path, {
      method,
      headers: { "content-type": "application/json", origin: host.url },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    expect([response.status, response.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
  });

  test("a user sees and uses, but does not manage", async () => {
    for (const [method, path, body] of USING)
      expect([path, await statusAs(userCookie, method, path, body)]).toEqual([path, 200]);
    for (const [method, path, body] of MANAGING)
      expect([path, await statusAs(userCookie, method, path, body)]).toEqual([path, 403]);
    expect((await host.plugin("acme"))?.status).toBe("running");
  });

  test("the plugin is told who asks", async () => {
    const echo = await host.fetch("/plugins/acme/x", { headers: { cookie: userCookie } });
    expect(await echo.json()).toMatchObject({ headers: { "x-toru-user": "ursula", "x-toru-role": "user" } });
  });

  test("a read token sees, a manage token does all that its owner may", async () => {
    const read = await host.token("read");
    expect(await statusWith(read, "GET", "/api/plugins")).toBe(200);
    expect(await statusWith(read, "GET", "/api/plugins/acme/logs")).toBe(200);
    expect(await statusWith(read, "POST", "/api/plugins/acme/enable")).toBe(403);
    expect(await statusWith(read, "POST", "/api/plugins/acme/kv", { action: "get", key: "k" })).toBe(403);
    const manage = await host.token("manage");
    expect(await statusWith(manage, "POST", "/api/plugins/acme/enable")).toBe(200);
    expect(await statusWith(manage, "GET", "/metrics")).toBe(200);
  });

  test("a token that is wrong or deleted is 401, whatever cookie comes with it", async () => {
    const created = await host.post("/api/tokens", { name: "short-lived", scope: "manage" });
    const { id, token } = (await created.json()) as { id: number; token: string };
    expect(await statusWith(token, "GET", "/api/plugins")).toBe(200);
    expect((await host.fetch(`/api/tokens/${id}`, { method: "DELETE" })).status).toBe(204);
    expect(await statusWith(token, "GET", "/api/plugins")).toBe(401);
    const both = await host.fetch("/api/plugins", { headers: { authorization: `Bearer ${token}` } });
    expect(both.status).toBe(401);
  });
});

describe("Plugin API Endpoints: sessions", () => {
  test("login gives a cookie that scripts cannot read, and me tells who it is", async () => {
    const response = await login("admin", ADMIN_PASSWORD);
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^toru_session=[^;]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    );
    const me = await host.fetch("/api/auth/me", { headers: { cookie: cookieOf(response) } });
    expect(await me.json()).toEqual({ username: "admin", role: "admin", via: "session", scope: "manage" });
  });

  test("logout ends the session at once, and no other", async () => {
    const cookie = cookieOf(await login("admin", ADMIN_PASSWORD));
    expect(await statusAs(cookie, "GET", "/api/plugins")).toBe(200);
    expect(await statusAs(cookie, "POST", "/api/auth/logout")).toBe(204);
    expect(await statusAs(cookie, "GET", "/api/plugins")).toBe(401);
    expect(await statusAs(host.cookie, "GET", "/api/plugins")).toBe(200);
  });

  test("a wrong password and an unknown name are told alike", async () => {
    const answers = await Promise.all(
      ["admin", "nobody-of-this-name"].map(async (name) => {
        const response = await login(name, "not the password");
        const { request_id: _, ...problem } = (await response.json()) as Record<string, unknown>;
        return problem;
      }),
    );
    expect(answers[0]).toMatchObject({ status: 401, type: "/problems/wrong-credentials" });
    expect(answers[0]).toEqual(answers[1]);
  });

  test("signing in or managing from another site is refused", async () => {
    for (const path of ["/api/auth/login", "/api/plugins/acme/disable", "/api/auth/logout"]) {
      const response = await fetch(host.url + path, {
        method: "POST",
        headers: { cookie: host.cookie, origin: "https://elsewhere.example", "content-type": "application/json" },
        body: JSON.stringify({ username: "admin", password: ADMIN_PASSWORD }),
      });
      expect([path, response.status]).toEqual([path, 403]);
    }
  });

  test("login is throttled: 429 with Retry-After, also for the right password, and only for that name", async () => {
    await using own = await TestHost.start();
    const made = await own.post("/api/users", { username: "other", password: USER_PASSWORD, role: "user" });
    expect(made.status).toBe(201);
    const statuses: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt += 1) statuses.push((await login("admin", "wrong", own)).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    const refused = await login("admin", ADMIN_PASSWORD, own);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await login("other", USER_PASSWORD, own)).status).toBe(200);
    expect((await own.fetch("/api/plugins")).status).toBe(200);
  });

  test("deleting a user ends the sessions of that user", async () => {
    await host.post("/api/users", { username: "leaver", password: USER_PASSWORD, role: "user" });
    const cookie = cookieOf(await login("leaver", USER_PASSWORD));
    expect(await statusAs(cookie, "GET", "/api/plugins")).toBe(200);
    expect((await host.fetch("/api/users/leaver", { method: "DELETE" })).status).toBe(204);
    expect(await statusAs(cookie, "GET", "/api/plugins")).toBe(401);
  });

  test("the last admin cannot be deleted", async () => {
    expect((await host.fetch("/api/users/admin", { method: "DELETE" })).status).toBe(409);
  });
});
