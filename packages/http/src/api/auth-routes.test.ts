import { expect, test } from "bun:test";
import { PASSWORD, TestHost } from "../testing/test-host.ts";

const JSON_TYPE = { "content-type": "application/json" };

function post(host: TestHost, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return host.fetch(path, { method: "POST", headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) });
}

function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

test("signing in gives a new session that stores only a hash; signing out ends it", async () => {
  await using host = await TestHost.start();
  const first = await post(host, "/api/auth/login", { username: "ADA", password: PASSWORD });
  expect(first.status).toBe(200);
  expect(await first.json()).toEqual({ username: "ada", role: "user", via: "session", scope: "manage" });
  expect(first.headers.get("set-cookie")).toMatch(
    /^toru_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
  );
  const second = await post(host, "/api/auth/login", { username: "ada", password: PASSWORD });
  const cookie = cookieOf(second);
  expect(cookie).not.toBe(cookieOf(first));
  expect([...host.accounts.sessions.keys()].every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);

  const page = { cookie, origin: host.origin };
  expect((await host.fetch("/api/auth/me", { headers: page })).status).toBe(200);
  const out = await post(host, "/api/auth/logout", {}, page);
  expect(out.status).toBe(204);
  expect(cookieOf(out)).toBe("toru_session=");
  expect((await host.fetch("/api/auth/me", { headers: page })).status).toBe(401);
});

test("signing in ends the session that the caller came with, so that none is carried over", async () => {
  await using host = await TestHost.start();
  const before = await host.session("ada");
  expect((await host.fetch("/api/auth/me", { headers: before })).status).toBe(200);
  const response = await post(host, "/api/auth/login", { username: "ada", password: PASSWORD }, before);
  expect(response.status).toBe(200);
  expect((await host.fetch("/api/auth/me", { headers: before })).status).toBe(401);
  expect((await host.fetch("/api/auth/me", { headers: { cookie: cookieOf(response) } })).status).toBe(200);
});

/** Guesses of the setup link, each with this word about where it comes from, until they must wait; 40 at most. */
async function guesses(host: TestHost, forwardedFor: (number: number) => string): Promise<number> {
  for (let number = 0; number < 40; number += 1) {
    const headers = { "x-forwarded-for": forwardedFor(number) };
    const { status } = await post(host, "/api/auth/setup", { token: "wrong", password: PASSWORD }, headers);
    if (status === 429) return number;
  }
  return 40;
}

test("who is behind a proxy is throttled by the own address, and cannot lend itself others", async () => {
  await using host = await TestHost.start({ trustedProxies: ["127.0.0.0/8"] });
  expect(await guesses(host, (number) => `10.0.0.${number}, 192.0.2.7`)).toBe(30);
  expect(await guesses(host, (number) => `192.0.3.${number}`)).toBe(40);
});

test("without trusted proxies nobody's word makes another address", async () => {
  await using host = await TestHost.start();
  expect(await guesses(host, (number) => `192.0.3.${number}`)).toBe(30);
});

test("a wrong password and an unknown name are the same answer", async () => {
  await using host = await TestHost.start();
  for (const username of ["ada", "nobody"]) {
    const response = await post(host, "/api/auth/login", { username, password: "wrong" });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ type: "/problems/wrong-credentials" });
  }
});

test("after 10 failures of one name it must wait, whoever asks, and others need not", async () => {
  await using host = await TestHost.start();
  const attempts = Array.from({ length: 11 }, (_, index) =>
    post(host, "/api/auth/login", { username: index % 2 === 0 ? "ada" : "ADA", password: "wrong" }),
  );
  const statuses = (await Promise.all(attempts)).map(({ status }) => status).toSorted((a, b) => a - b);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  const right = await post(host, "/api/auth/login", { username: "ada", password: PASSWORD });
  expect(right.status).toBe(429);
  expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(800);
  expect((await post(host, "/api/auth/login", { username: "admin", password: PASSWORD })).status).toBe(200);
}, 20_000);

test("signing in from another site is refused", async () => {
  await using host = await TestHost.start();
  const body = { username: "ada", password: PASSWORD };
  const response = await post(host, "/api/auth/login", body, { origin: "http://evil.example" });
  expect(response.status).toBe(403);
  expect(response.headers.get("set-cookie")).toBeNull();
});

test("of many uses of the setup link at once exactly one creates the admin", async () => {
  await using host = await TestHost.start({}, {});
  const { token } = host.setup;
  expect((await post(host, "/api/auth/setup", { token: `${token}x`, password: PASSWORD })).status).toBe(403);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => post(host, "/api/auth/setup", { token, password: PASSWORD })),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => ![201, 409, 429, 503].includes(status))).toEqual([]);
  const winner = answers.find(({ status }) => status === 201);
  if (winner === undefined) throw new Error("no winner");
  const me = await host.fetch("/api/auth/me", { headers: { cookie: cookieOf(winner) } });
  expect(await me.json()).toMatchObject({ username: "admin", role: "admin" });
  expect(await host.accounts.countAccounts()).toBe(1);
  expect(JSON.stringify(host.logs.host.entries)).not.toContain(token);
}, 20_000);

test("a new password ends all other sessions and gives this one a new token", async () => {
  await using host = await TestHost.start();
  const here = await host.session("ada");
  const elsewhere = await host.session("ada");
  expect((await host.fetch("/api/auth/me", { headers: elsewhere })).status).toBe(200);
  const body = { current_password: PASSWORD, new_password: "another good one" };
  expect((await post(host, "/api/auth/password", { ...body, current_password: "no" }, here)).status).toBe(401);
  const response = await post(host, "/api/auth/password", body, here);
  expect(response.status).toBe(204);
  expect((await host.fetch("/api/auth/me", { headers: elsewhere })).status).toBe(401);
  expect((await host.fetch("/api/auth/me", { headers: here })).status).toBe(401);
  expect((await host.fetch("/api/auth/me", { headers: { cookie: cookieOf(response) } })).status).toBe(200);
  const login = await post(host, "/api/auth/login", { username: "ada", password: body.new_password });
  expect(login.status).toBe(200);
}, 20_000);

test("over https only the cookie with the host prefix counts", async () => {
  await using host = await TestHost.start({ secureCookies: true });
  const response = await post(host, "/api/auth/login", { username: "ada", password: PASSWORD });
  expect(response.headers.get("set-cookie")).toMatch(/^__Host-toru_session=.*; Secure$/);
  const cookie = cookieOf(response);
  expect((await host.fetch("/api/auth/me", { headers: { cookie } })).status).toBe(200);
  const plain = cookie.replace("__Host-", "");
  expect((await host.fetch("/api/auth/me", { headers: { cookie: plain } })).status).toBe(401);
});

test("wrong fields are named, broken JSON and other types are told apart", async () => {
  await using host = await TestHost.start();
  const wrong = await post(host, "/api/auth/setup", { token: 1, password: "short" });
  expect(wrong.status).toBe(400);
  const { errors } = (await wrong.json()) as { errors: { field: string }[] };
  expect(errors.map(({ field }) => field)).toEqual(["token", "password"]);
  const send = (headers: Record<string, string>, body: string) =>
    host.fetch("/api/auth/login", { method: "POST", headers, body });
  const broken = await send(JSON_TYPE, '{"username":');
  expect(await broken.json()).toMatchObject({ status: 400, type: "/problems/malformed-json" });
  const form = await send({ "content-type": "application/x-www-form-urlencoded" }, "a=1");
  expect(await form.json()).toMatchObject({ status: 415, type: "/problems/unsupported-media-type" });
});

test("a body of an API route over 2 MiB is 413, announced or chunked", async () => {
  await using host = await TestHost.start();
  const chunk = new Uint8Array(1024 * 1024).fill(0x20);
  const whole = await host.fetch("/api/auth/login", {
    method: "POST",
    headers: JSON_TYPE,
    body: Buffer.concat([chunk, chunk, chunk]),
  });
  expect(whole.status).toBe(413);
  const pieces = [chunk, chunk, chunk];
  const body = new ReadableStream({
    pull: (controller) => {
      const next = pieces.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
  });
  const chunked = await host.fetch("/api/auth/login", { method: "POST", headers: JSON_TYPE, body });
  expect(chunked.status).toBe(413);
});
