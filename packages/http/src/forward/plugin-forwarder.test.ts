import { expect, test } from "bun:test";
import type { ForwardErrorCode } from "@toru/core";
import { eventually } from "../testing/eventually.ts";
import { ok } from "../testing/fake-plugins.ts";
import { openSocket, rawRequest } from "../testing/raw-client.ts";
import { TestHost } from "../testing/test-host.ts";

const CLOSE = "Connection: close\r\n";

test("/plugins/<route> arrives with the route, query and encoding as they were sent", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  const paths = ["/acme/certificate?x=1&y=%20", "/acme", "/acme?x=1", "/acme/", "/acme/a%2Fb//c%20d", "/ACME/x"];
  for (const path of paths) {
    expect((await host.fetch(`/plugins${path}`, { headers })).status).toBe(200);
    expect(host.plugins.received.at(-1)?.path).toBe(path);
  }
});

test("/api/plugins/route/<route> arrives without the route", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  const paths = { "/acme/certificate?x=1": "/certificate?x=1", "/acme": "/", "/acme/": "/", "/acme?x=1": "/?x=1" };
  for (const [sent, arrived] of Object.entries(paths)) {
    expect((await host.fetch(`/api/plugins/route${sent}`, { headers })).status).toBe(200);
    expect(host.plugins.received.at(-1)?.path).toBe(arrived);
  }
});

test("strangers learn nothing: 401 whether the route exists or not, then 404 for an unknown one", async () => {
  await using host = await TestHost.start();
  for (const path of ["/plugins/acme/x", "/plugins/nobody/x", "/api/plugins/route/acme"]) {
    const response = await host.fetch(path);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
  }
  const response = await host.fetch("/plugins/nobody/x", { headers: await host.session("ada") });
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ type: "/problems/no-such-route", status: 404 });
  expect(host.plugins.received).toEqual([]);
});

test("every method is forwarded with its body", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const body = method === "GET" || method === "HEAD" ? {} : { body: "söme" };
    await host.fetch("/plugins/acme/x", { method, headers, ...body });
    expect(host.plugins.received.at(-1)).toMatchObject({ method, body: "body" in body ? "söme" : null });
  }
});

test("forged and hop-by-hop headers and the host's own cookie are taken off, identity is put on", async () => {
  await using host = await TestHost.start();
  const { cookie } = await host.session("admin");
  const forged = [
    "X-Toru-User: root",
    "X_Toru_User: root",
    "x-toru-anything: 1",
    "X-Forwarded-For: 6.6.6.6",
    "X-Forwarded-Proto: https",
    "Forwarded: for=6.6.6.6",
    "X-Forwarded-Prefix: /x",
    "Keep-Alive: 5",
    "TE: trailers",
    "Proxy-Authorization: Basic abc",
    "Upgrade: h2c",
    "X-Private: 1",
    "Connection: close, X-Private",
    "X-Kept: 1",
    "X-Kept: 2",
    "__proto__: 3",
    "Authorization: Bearer somebody-else",
    `Cookie: a=1; ${cookie}; b=2`,
    "Host: panel.example",
    "X-Request-Id: my-id.1",
  ];
  await rawRequest(host.port, `GET /plugins/acme/x HTTP/1.1\r\n${forged.join("\r\n")}\r\n\r\n`);
  const headers = { ...host.plugins.received.at(-1)?.headers };
  expect(headers).toEqual({
    ["__proto__"]: "3",
    authorization: "Bearer somebody-else",
    cookie: "a=1; b=2",
    host: "panel.example",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": "panel.example",
    "x-forwarded-proto": "http",
    "x-kept": "1, 2",
    "x-request-id": "my-id.1",
    "x-toru-role": "admin",
    "x-toru-user": "admin",
  });
});

test("the host's own token is taken off, and a token that may only read acts as a user", async () => {
  await using host = await TestHost.start();
  await host.fetch("/plugins/acme/x", { headers: await host.token("admin", "read") });
  const headers = host.plugins.received.at(-1)?.headers;
  expect(headers?.["authorization"]).toBeUndefined();
  expect(headers?.["x-toru-role"]).toBe("user");
  const refused = await host.fetch("/plugins/acme/x", { method: "POST", headers: await host.token("admin", "read") });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ type: "/problems/read-only-token" });
});

test("a cookie changes something only from the same origin, a manage token from anywhere", async () => {
  await using host = await TestHost.start();
  const { cookie, origin } = await host.session("ada");
  const post = (headers: Record<string, string>) => host.fetch("/plugins/acme/x", { method: "POST", headers });
  expect((await post({ cookie, origin })).status).toBe(200);
  expect((await post({ cookie, "sec-fetch-site": "same-origin" })).status).toBe(200);
  for (const foreign of [
    { origin: "http://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "same-site" },
    {},
  ]) {
    expect((await post({ cookie, ...foreign })).status).toBe(403);
  }
  expect((await post(await host.token("ada", "manage"))).status).toBe(200);
});

test("what a plugin answers goes through untouched, several cookies apart", async () => {
  await using host = await TestHost.start();
  const headers = {
    "set-cookie": ["a=1", "b=2"],
    "content-type": "text/csv",
    "x-a": "é",
    connection: "x-gone",
    "x-gone": "1",
  };
  host.plugins.answer = () => ok({ status: 418, headers: { ...headers, "content-length": "999" }, body: "tea é" });
  const { cookie } = await host.session("ada");
  const text = `GET /plugins/acme/x HTTP/1.1\r\nHost: h\r\n${CLOSE}Cookie: ${cookie}\r\n\r\n`;
  const answer = await rawRequest(host.port, text);
  expect(answer.status).toBe(418);
  expect(Buffer.from(answer.body, "latin1").toString()).toBe("tea é");
  const own = answer.headers.filter(([name]) => name !== "date" && name !== "connection");
  const byText = ([a, b]: [string, string], [c, d]: [string, string]) => (`${a}${b}` < `${c}${d}` ? -1 : 1);
  expect(own.toSorted(byText)).toEqual([
    ["content-length", "6"],
    ["content-type", "text/csv"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["x-a", "é"],
  ]);
});

test("no content-type is invented, for text nor for bytes", async () => {
  await using host = await TestHost.start();
  const { cookie } = await host.session("ada");
  for (const body of ["text", new Uint8Array([0, 255, 1]), "", null]) {
    host.plugins.answer = () => ok({ body });
    const text = `GET /plugins/acme/x HTTP/1.1\r\nHost: h\r\n${CLOSE}Cookie: ${cookie}\r\n\r\n`;
    const answer = await rawRequest(host.port, text);
    expect(answer.headers.map(([name]) => name)).not.toContain("content-type");
    expect(answer.headers.map(([name]) => name)).not.toContain("x-request-id");
    expect(Buffer.from(answer.body, "latin1")).toEqual(Buffer.from(body ?? ""));
  }
});

test("an answer to HEAD keeps the plugin's content-length and has no body", async () => {
  await using host = await TestHost.start();
  const { cookie } = await host.session("ada");
  const text = `HEAD /plugins/acme/x HTTP/1.1\r\nHost: h\r\n${CLOSE}Cookie: ${cookie}\r\n\r\n`;
  host.plugins.answer = () => ok({ headers: { "content-length": "5", "content-type": "text/csv" }, body: "hello" });
  const answer = await rawRequest(host.port, text);
  expect(Object.fromEntries(answer.headers)).toMatchObject({ "content-length": "5", "content-type": "text/csv" });
  expect(answer.body).toBe("");
  host.plugins.answer = () => ok({ body: "hello" });
  const unknown = await rawRequest(host.port, text);
  expect(unknown.headers.map(([name]) => name)).not.toContain("content-length");
});

test("204, 205 and 304 have no body whatever the plugin sent", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  for (const status of [204, 205, 304]) {
    host.plugins.answer = () => ok({ status, body: "hello", headers: { etag: '"x"' } });
    const response = await host.fetch("/plugins/acme/x", { headers });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe("");
  }
});

test("an answer that HTTP cannot carry is 502", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  const answers = [
    { status: 101 },
    { status: 99 },
    { status: 600 },
    { status: 200.5 },
    { headers: { "x-a": "1\r\nx-forged: 2" } },
    { headers: { "x-a": "1\nx" } },
    { headers: { "x-a": "wide ł" } },
    { headers: { "x-a": ["ok", "bad\0"] } },
    { headers: { "x a": "1" } },
    { headers: { "": "1" } },
  ];
  for (const answer of answers) {
    host.plugins.answer = () => ok(answer);
    const response = await host.fetch("/plugins/acme/x", { headers });
    expect(response.status).toBe(502);
    expect(response.headers.get("x-forged")).toBeNull();
    expect(await response.json()).toMatchObject({ type: "/problems/plugin-bad-answer", plugin: "acme" });
  }
  expect(host.logs.host.entries.filter(({ level }) => level === "warn")).toHaveLength(answers.length);
});

test("a body over the bound is 413: announced, without being read; chunked, at the bound", async () => {
  await using host = await TestHost.start({ limits: { maxFrameBytes: 1000, maxBodyBytes: Infinity, crashLimit: 10 } });
  const { authorization } = await host.token("ada", "manage");
  const head = `POST /plugins/acme/x HTTP/1.1\r\nHost: h\r\n${CLOSE}Authorization: ${authorization}\r\n`;
  const announced = await rawRequest(host.port, `${head}Content-Length: 1001\r\n\r\n`);
  expect(announced.status).toBe(413);
  const chunk = `1f4\r\n${"x".repeat(500)}\r\n`;
  const chunked = await rawRequest(
    host.port,
    `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}0\r\n\r\n`,
  );
  expect(chunked.status).toBe(413);
  expect(host.plugins.received).toEqual([]);
  const fits = await rawRequest(host.port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`);
  expect(fits.status).toBe(200);
  const received = host.plugins.received.at(-1);
  expect(received?.body).toBe("x".repeat(1000));
  expect(received?.headers["transfer-encoding"]).toBeUndefined();
});

test("bytes that are no text arrive as bytes, and content-length where it is right", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  await host.fetch("/plugins/acme/x", { method: "POST", headers, body: new Uint8Array([255, 0, 1]) });
  const received = host.plugins.received.at(-1);
  expect(received?.body).toEqual(new Uint8Array([255, 0, 1]));
  expect(received?.headers["content-length"]).toBe("3");
});

test("every failure of a plugin has its status, and a wait is told in whole seconds", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  const expected: Record<ForwardErrorCode, number> = {
    not_available: 404,
    not_ready: 503,
    died: 502,
    protocol_error: 502,
    plugin_error: 502,
    timeout: 504,
    too_large: 413,
    not_text: 415,
    busy: 503,
    unsupported: 501,
    cancelled: 499,
  };
  for (const [code, status] of Object.entries(expected) as [ForwardErrorCode, number][]) {
    host.plugins.answer = () => ({ ok: false, error: { code, message: "because", retryAfterMs: 1_200 } });
    const response = await host.fetch("/plugins/acme/x", { headers });
    expect([code, response.status]).toEqual([code, status]);
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "2" : null);
    expect(await response.json()).toMatchObject({ status, detail: "because", plugin: "acme" });
  }
  const logged = host.logs.host.entries.map(({ fields }) => fields?.["status"]);
  expect(logged).toEqual([502, 502, 502, 504, 413, 415, 501]);
});

test("a client that goes away aborts the signal of its request", async () => {
  await using host = await TestHost.start();
  const { cookie } = await host.session("ada");
  const seen = Promise.withResolvers<AbortSignal>();
  host.plugins.answer = async (_, signal) => {
    if (signal === null) throw new Error("a forwarded request has a signal");
    seen.resolve(signal);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return { ok: false, error: { code: "cancelled", message: "nobody waits" } };
  };
  const socket = await openSocket(host.port);
  socket.write(`GET /plugins/acme/slow HTTP/1.1\r\nHost: h\r\nCookie: ${cookie}\r\n\r\n`);
  const signal = await seen.promise;
  expect(signal.aborted).toBe(false);
  socket.destroy();
  await eventually("the signal is aborted", () => signal.aborted);
});

test("a fault of the host is a 500 that tells nothing but the request id, and a line with the stack", async () => {
  await using host = await TestHost.start();
  host.plugins.answer = () => {
    throw new Error("secret detail");
  };
  const headers = { ...(await host.session("ada")), "x-request-id": "abc" };
  const response = await host.fetch("/plugins/acme/x?token=hidden", { headers });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).not.toContain("secret detail");
  expect(JSON.parse(text)).toMatchObject({ type: "/problems/internal", request_id: "abc" });
  const [line] = host.logs.host.entries;
  expect(line?.error).toContain("secret detail");
  expect(JSON.stringify(line)).not.toContain("hidden");
});

test("the control socket forwards as the admin local", async () => {
  await using host = await TestHost.start();
  expect((await host.local("/plugins/acme/x", { method: "POST" })).status).toBe(200);
  expect(host.plugins.received.at(-1)?.headers).toMatchObject({ "x-toru-user": "local", "x-toru-role": "admin" });
});

test("repeated requests of one session ask the store once", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  for (let round = 0; round < 5; round += 1) await host.fetch("/plugins/acme/x", { headers });
  expect(host.accounts.reads).toBe(1);
});

test("HTTP/1.0 without a host is understood too", async () => {
  await using host = await TestHost.start();
  const { cookie } = await host.session("ada");
  const answer = await rawRequest(host.port, `GET /plugins/acme/x?y=1 HTTP/1.0\r\nCookie: ${cookie}\r\n\r\n`);
  expect(answer.status).toBe(200);
  expect(host.plugins.received.at(-1)?.path).toBe("/acme/x?y=1");
  expect((await rawRequest(host.port, "GET /healthz HTTP/1.0\r\n\r\n")).status).toBe(200);
});
