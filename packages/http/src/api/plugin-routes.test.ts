import { expect, test } from "bun:test";
import type { ManageErrorCode } from "@toru/core";
import { eventPageSchema, logPageSchema, pluginListSchema } from "@toru/http-api";
import { TestHost } from "../testing/test-host.ts";

const JSON_TYPE = { "content-type": "application/json" };

test("the list holds installed and invalid plugins, and one is found by its id", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  const list = await host.fetch("/api/plugins", { headers });
  expect(list.headers.get("cache-control")).toBe("no-store");
  expect(list.headers.get("x-content-type-options")).toBe("nosniff");
  const plugins = pluginListSchema.parse(await list.json());
  expect(plugins.map(({ id, status }) => [id, status])).toEqual([
    ["acme", "running"],
    ["broken", "invalid"],
  ]);
  const one = (id: string) => host.fetch(`/api/plugins/${id}`, { headers });
  expect(await (await one("acme")).json()).toMatchObject({ id: "acme", health: "healthy", pid: 42 });
  expect(await (await one("broken")).json()).toMatchObject({ status: "invalid", reason: "it printed nothing" });
  expect((await one("nobody")).status).toBe(404);
});

test("enable, disable and restart answer with the plugin, and each refusal has its status", async () => {
  await using host = await TestHost.start();
  const init = { method: "POST", headers: await host.session("admin") };
  for (const action of ["enable", "disable", "restart"]) {
    const response = await host.fetch(`/api/plugins/acme/${action}`, init);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: "acme" });
  }
  expect(host.plugins.managed).toEqual(["enable acme", "disable acme", "restart acme"]);
  const expected: Record<ManageErrorCode, number> = {
    not_found: 404,
    invalid: 409,
    route_taken: 409,
    not_enabled: 409,
    not_saved: 500,
    stopping_host: 503,
  };
  for (const [code, status] of Object.entries(expected) as [ManageErrorCode, number][]) {
    host.plugins.manageAnswer = { ok: false, code, message: "because" };
    const response = await host.fetch("/api/plugins/acme/enable", init);
    expect([code, response.status]).toEqual([code, status]);
    expect(await response.json()).toMatchObject({ detail: "because" });
  }
});

test("a change of state is logged with who, what and the outcome, and no secret", async () => {
  await using host = await TestHost.start();
  const headers = { ...(await host.session("admin")), "x-request-id": "r-1" };
  const response = await host.fetch("/api/plugins/acme/enable?secret=x", { method: "POST", headers });
  expect(response.headers.get("x-request-id")).toBe("r-1");
  const line = host.logs.host.entries.find(({ level }) => level === "info");
  expect(line?.fields).toEqual({
    method: "POST",
    path: "/api/plugins/acme/enable",
    request_id: "r-1",
    status: 200,
    user: "admin",
    via: "session",
  });
  const odd = { ...headers, "x-request-id": "not sane!" };
  const other = await host.fetch("/api/plugins", { headers: odd });
  expect(other.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(host.logs.host.entries).toHaveLength(1);
  expect(JSON.stringify(host.logs.host.entries)).not.toContain(headers.cookie.slice(14));
});

test("the bundle has an etag that answers 304, and a missing one says what to add", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("ada");
  const url = "/api/plugins/acme/bundle.js";
  const response = await host.fetch(url, { headers });
  expect(await response.text()).toBe("window.x = 1");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  });
  const etag = response.headers.get("etag") ?? "";
  const again = await host.fetch(url, { headers: { ...headers, "if-none-match": `"x", W/${etag}` } });
  expect(again.status).toBe(304);
  host.plugins.bundleAnswer = { ok: true, script: new TextEncoder().encode("other") };
  expect((await host.fetch(url, { headers: { ...headers, "if-none-match": etag } })).status).toBe(200);
  host.plugins.bundleAnswer = { ok: false, code: "not_found", message: "add acme/bundle.js" };
  const missing = await host.fetch(url, { headers });
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ detail: "add acme/bundle.js" });
});

test("the log is read by pages; the newest one names where the live stream goes on", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("admin");
  for (const message of ["one", "two"]) host.logs.log.append(message);
  const response = await host.fetch("/api/plugins/acme/logs?page_size=1&level=warn&q=x", { headers });
  const page = logPageSchema.parse(await response.json());
  expect(page).toMatchObject({ page: 1, page_size: 1, total: 2, tail: "2" });
  expect(host.logs.log.queries).toEqual([{ page: 1, pageSize: 1, level: "warn", q: "x", cursor: "2" }]);
  const older = await host.fetch("/api/plugins/acme/logs?page=2", { headers });
  expect(await older.json()).toMatchObject({ page: 2, tail: null });
  for (const query of ["page=0", "page=x", "page_size=1001", "level=loud", "cursor=bad"]) {
    expect([query, (await host.fetch(`/api/plugins/acme/logs?${query}`, { headers })).status]).toEqual([query, 400]);
  }
  expect((await host.fetch("/api/plugins/nobody/logs", { headers })).status).toBe(404);
});

test("events come newest first by pages", async () => {
  await using host = await TestHost.start();
  const headers = await host.session("admin");
  const timestamp = "2026-01-01T00:00:00.000Z";
  for (const type of ["started", "crashed", "restarted"] as const) {
    await host.events.append({ pluginId: "acme", type, timestamp, details: { a: 1 } });
  }
  const get = async (query: string) =>
    eventPageSchema.parse(await (await host.fetch(`/api/plugins/acme/events${query}`, { headers })).json());
  const first = await get("?limit=2");
  expect(first.events.map(({ event_type }) => event_type)).toEqual(["restarted", "crashed"]);
  const rest = await get(`?limit=2&cursor=${first.cursor}`);
  expect(rest).toMatchObject({ events: [{ id: 1, plugin_id: "acme", details: { a: 1 } }], cursor: null });
  expect((await get("?type=crashed")).events).toHaveLength(1);
});

test("kv reads, writes and lists the plugin's namespace within its limits", async () => {
  await using host = await TestHost.start();
  const headers = { ...JSON_TYPE, ...(await host.session("ada")) };
  const kv = async (body: unknown, id = "acme") => {
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await host.fetch(`/api/plugins/${id}/kv`, init);
    return [response.status, await response.json()];
  };
  expect(await kv({ action: "set", key: "a", value: "1" })).toEqual([200, { value: null }]);
  expect(await kv({ action: "get", key: "a" })).toEqual([200, { value: "1" }]);
  expect(await kv({ action: "get", key: "b", value: null })).toEqual([200, { value: null }]);
  expect(await kv({ action: "list" })).toEqual([200, { keys: ["a"], more: false }]);
  expect(await kv({ action: "delete", key: "a" })).toEqual([200, { value: null }]);
  expect((await kv({ action: "get", key: "" }))[0]).toBe(400);
  expect((await kv({ action: "get", key: "é".repeat(257) }))[0]).toBe(400);
  expect((await kv({ action: "set", key: "a" }))[0]).toBe(400);
  expect((await kv({ action: "nothing" }))[0]).toBe(400);
  expect((await kv({ action: "set", key: "a", value: "é".repeat(600_000) }))[0]).toBe(413);
  expect((await kv({ action: "get", key: "a" }, "nobody"))[0]).toBe(404);
  expect((await kv({ action: "get", key: "a" }, "broken"))[0]).toBe(404);
});

test("handle-kv sends the message to the plugin and gives its answer", async () => {
  await using host = await TestHost.start();
  const headers = { ...JSON_TYPE, ...(await host.session("admin")) };
  const body = JSON.stringify({ action: "get", key: "a" });
  const send = () => host.fetch("/api/plugins/acme/handle-kv", { method: "POST", headers, body });
  expect(await (await send()).json()).toEqual({ value: "from the plugin" });
  expect(host.plugins.operations).toEqual([{ action: "get", key: "a" }]);
  for (const [code, status] of [
    ["unsupported", 501],
    ["timeout", 504],
    ["not_ready", 503],
  ] as const) {
    host.plugins.kvAnswer = { ok: false, error: { code, message: "because" } };
    const response = await send();
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe(code === "not_ready" ? "1" : null);
  }
});

test("unknown paths are 404, wrong methods 405 with what is allowed", async () => {
  await using host = await TestHost.start();
  for (const path of ["/api", "/api/", "/api/nothing", "/api/plugins/acme/nothing", "/plugins", "/nothing"]) {
    const response = await host.fetch(path);
    expect([path, response.status]).toEqual([path, 404]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  }
  const allowed = async (path: string, method: string) => {
    const response = await host.fetch(path, { method });
    return [response.status, response.headers.get("allow")];
  };
  expect(await allowed("/api/users", "PUT")).toEqual([405, "GET, HEAD, POST"]);
  expect(await allowed("/api/plugins/acme/enable", "GET")).toEqual([405, "POST"]);
  expect(await allowed("/api/plugins/acme/bundle.js", "DELETE")).toEqual([405, "GET, HEAD"]);
  expect(await allowed("/healthz", "POST")).toEqual([405, "GET, HEAD"]);
});

test("an unexpected fault is a 500 problem with the request id and nothing internal", async () => {
  await using host = await TestHost.start();
  const headers = { ...(await host.session("admin")), "x-request-id": "r-2" };
  host.events.list = () => Promise.reject(new Error("secret table"));
  const response = await host.fetch("/api/plugins/acme/events", { headers });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).not.toContain("secret");
  expect(JSON.parse(text)).toMatchObject({ type: "/problems/internal", request_id: "r-2" });
  expect(host.logs.host.entries.find(({ level }) => level === "error")?.error).toContain("secret table");
});

test("the panel is asked for what is nobody's, and only to read", async () => {
  const panel = (pathname: string) => {
    if (pathname === "/fault") throw new Error("secret");
    return pathname.startsWith("/view/") ? new Response(`panel ${pathname}`) : null;
  };
  await using host = await TestHost.start({ panel });
  expect(await (await host.fetch("/view/acme")).text()).toBe("panel /view/acme");
  expect((await host.fetch("/view/acme", { method: "POST" })).status).toBe(404);
  expect((await host.fetch("/nothing")).status).toBe(404);
  expect((await host.fetch("/api/nothing")).status).toBe(404);
  expect(await (await host.fetch("/fault")).json()).toMatchObject({ type: "/problems/internal" });
});
