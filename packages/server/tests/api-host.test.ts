import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { hostSchema, problemSchema } from "@toru/http-api";
import { rawRequest } from "./support/raw-request.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v2", "off");
    },
  });
  await host.reaches("acme", "running", "healthy");
  await host.post("/api/plugins/off/disable");
  await host.reaches("off", "disabled");
});

afterAll(() => host[Symbol.asyncDispose]());

describe("Plugin API Endpoints: the host itself", () => {
  test("healthz and readyz answer anyone", async () => {
    const health = await fetch(`${host.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
    const ready = await fetch(`${host.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready", storage: "ok", detail: null }]);
  });

  test("metrics are Prometheus text, for admins, with each plugin's state", async () => {
    expect((await fetch(`${host.url}/metrics`)).status).toBe(401);
    await host.fetch("/plugins/acme/x");
    const response = await host.fetch("/metrics");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text).toContain('toru_plugin_up{plugin="acme"} 1\n');
    expect(text).toContain('toru_plugin_up{plugin="off"} 0\n');
    expect(text).toContain('toru_plugin_status{plugin="off",status="disabled"} 1\n');
    expect(text).toMatch(/^toru_plugin_requests_total\{plugin="acme"\} [1-9]/m);
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d*$/m);
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    for (const sample of samples) expect(sample).toMatch(/^[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [-+.\deInf]+$/);
    const names = new Set(samples.map((sample) => sample.split(/[{ ]/)[0]));
    for (const name of names) expect(text).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge)$`, "m"));
  });

  test("the OpenAPI document names every route of the design", async () => {
    const document = await host.json<{ openapi: string; paths: Record<string, object> }>("/api/openapi.json");
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        "/api/auth/login",
        "/api/auth/logout",
        "/api/auth/me",
        "/api/plugins",
        "/api/plugins/{id}",
        "/api/plugins/{id}/enable",
        "/api/plugins/{id}/disable",
        "/api/plugins/{id}/restart",
        "/api/plugins/{id}/bundle.js",
        "/api/plugins/{id}/logs",
        "/api/plugins/{id}/logs/stream",
        "/api/plugins/{id}/logs/download",
        "/api/plugins/{id}/paths",
        "/api/plugins/{id}/events",
        "/api/plugins/{id}/kv",
        "/api/plugins/{id}/handle-kv",
        "/api/plugin-events",
        "/api/events",
        "/api/resources",
        "/healthz",
        "/readyz",
        "/metrics",
      ]),
    );
  });

  test("host tells version, process and instance", async () => {
    const { version } = (await import("../package.json")) as { version: string };
    const instance = (await Bun.file(`${host.dataDir}/instance-id`).text()).trim();
    const body = hostSchema.parse(await host.json<unknown>("/api/host"));
    expect(body).toMatchObject({ version, pid: host.pid, instance_id: instance, setup_required: false });
    expect(body).toMatchObject({ hostname: hostname(), platform: `${process.platform} ${process.arch}` });
    expect(Date.parse(body.started_at) + body.uptime_ms).toBeCloseTo(Date.now(), -4);
    expect(hostSchema.parse(await host.json<unknown>("/api/host")).started_at).toBe(body.started_at);
  });
});

describe("Plugin API Endpoints: errors", () => {
  const json = { "content-type": "application/json" };
  const cases: [number, string, string, RequestInit][] = [
    [404, "not-found", "/api/nothing", {}],
    [404, "no-such-plugin", "/api/plugins/nobody", {}],
    [404, "no-such-route", "/plugins/nobody/x", {}],
    [404, "no-such-route", "/plugins/off/x", {}],
    [405, "method-not-allowed", "/api/plugins", { method: "DELETE" }],
    [400, "malformed-json", "/api/plugins/acme/kv", { method: "POST", body: "{", headers: json }],
    [400, "invalid-request", "/api/plugins/acme/kv", { method: "POST", body: "{}", headers: json }],
    [415, "unsupported-media-type", "/api/plugins/acme/kv", { method: "POST", body: "{}" }],
    [413, "body-too-large", "/api/auth/login", { method: "POST", body: "x".repeat(9_000_000), headers: json }],
    [413, "body-too-large", "/plugins/acme/x", { method: "POST", body: "x".repeat(17_000_000) }],
    [502, "plugin-error", "/plugins/acme/error", {}],
    [502, "plugin-bad-answer", "/plugins/acme/bad-header", {}],
  ];

  test.each(cases)("%d %s is problem+json with a request id", async (status, code, path, init) => {
    const response = await host.fetch(path, init);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    const problem = problemSchema.parse(await response.json());
    expect(problem).toMatchObject({ type: `/problems/${code}`, status });
    expect(problem.detail.length).toBeGreaterThan(10);
    expect(problem.request_id).toBe(response.headers.get("x-request-id") ?? "none");
  });

  test("what concerns a plugin names it", async () => {
    const response = await host.fetch("/plugins/acme/error");
    expect(await response.json()).toMatchObject({ plugin: "acme", detail: expect.stringContaining("asked to fail") });
  });

  test("the caller's own request id is kept where it is a sane one, and stands in the host's log", async () => {
    const kept = await host.fetch("/api/plugins", { headers: { "x-request-id": "trace-1.2_3" } });
    expect(kept.headers.get("x-request-id")).toBe("trace-1.2_3");
    const replaced = await host.fetch("/api/plugins", { headers: { "x-request-id": "no good; id" } });
    expect(replaced.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    await host.fetch("/plugins/acme/error", { headers: { "x-request-id": "trace-4" } });
    const line = await until("it is in the log", async () =>
      (await host.log("host.log")).find(
        ({ fields }) => (fields as Record<string, unknown>)["request_id"] === "trace-4",
      ),
    );
    expect(line).toMatchObject({ level: "warn", fields: { plugin: "acme", status: 502, path: "/plugins/acme/…" } });
  });

  test("405 says what is allowed", async () => {
    const response = await host.fetch("/api/plugins/acme/enable");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("no answer of the API may be kept by a browser or a proxy", async () => {
    for (const path of ["/api/plugins", "/api/plugins/acme", "/api/auth/me", "/api/plugins/nobody"]) {
      expect((await host.fetch(path)).headers.get("cache-control"), path).toBe("no-store");
    }
  });

  test("no secret reaches the log", async () => {
    const token = await host.token("read");
    const headers: [string, string][] = [
      ["Authorization", `Bearer ${token}`],
      ["X-Request-Id", "trace-5"],
    ];
    await rawRequest(host.url, { path: "/plugins/acme/error?password=hidden", headers });
    const text = await until("the request is in the log", async () => {
      const lines = JSON.stringify(await host.log("host.log"));
      return lines.includes("trace-5") ? lines : null;
    });
    for (const secret of [token, "hidden", host.cookie.split("=")[1] ?? "?"]) expect(text).not.toContain(secret);
  });
});
