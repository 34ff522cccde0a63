import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

type Operation = { action: string; key?: string; value?: string };

describe("Plugin API Contract", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: { TORU_START_TIMEOUT_MS: "3000", TORU_HEALTH_INTERVAL_MS: "3000", TORU_BACKOFF_BASE_MS: "60000" },
      prepare: async (host) => {
        await host.install("v1-strict", "strict");
        await host.install("v1-strict", "kv-http", { behaviour: "kv-reply-http" });
        await host.install("v1-strict", "kv-value", { behaviour: "kv-value" });
        await host.install("v1-direct", "direct");
        await host.install("v2", "two");
        await host.install("v2", "two-kv", {
          version: "2.5.0-beta+1",
          route: "/Other.Route",
          metadata: {
            handles: ["http", "kv"],
            author: "A. Nybody",
            description: "Ünïcode",
            license: "MIT",
            extra: [1],
          },
        });
        await host.install("v2", "never", { behaviour: "never-bind" });
        await host.install("v2", "late", { behaviour: "bind-late", ms: 700 });
        await host.install("v2", "silent", { behaviour: "no-ready" });
        await host.install("v2", "refuses", { behaviour: "refuse-init" });
        for (const kind of ["junk", "huge", "fails", "hangs"]) {
          await host.install("v2", `bad-${kind}`, { behaviour: `metadata-${kind}` });
        }
        await host.install("v2", "no-name", { metadata: { name: null } });
        await host.install("v2", "bad-route", { metadata: { route: "/two/segments" } });
        await host.install("v2", "bad-id", { metadata: { id: "../up" } });
        await host.install("v2", "bad-version", { metadata: { protocol: 3 } });
      },
    });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  async function handleKv(id: string, operation: Operation): Promise<unknown> {
    const response = await host.post(`/api/plugins/${id}/handle-kv`, operation);
    return response.ok ? response.json() : response.status;
  }

  test("Plugin metadata: what --metadata printed is what the host shows", async () => {
    await host.reaches("two-kv", "running");
    const { route, ...shown } = await host.json<Record<string, unknown>>("/api/plugins/two-kv");
    expect(route).toBe("/Other.Route");
    expect(shown).toMatchObject({
      id: "two-kv",
      name: "Two-kv",
      version: "2.5.0-beta+1",
      icon: "🧪",
      author: "A. Nybody",
      description: "Ünïcode",
      license: "MIT",
      homepage: null,
      protocol: 2,
      handles: ["http", "kv"],
    });
    expect((await host.fetch("/plugins/other.route/x")).status).toBe(200);
  });

  test("Plugin metadata: without protocol and handles it is a version 1 plugin that handles http", async () => {
    await host.reaches("direct", "running");
    expect(await host.plugin("direct")).toMatchObject({ protocol: 1, handles: ["http"], author: null });
  });

  test.each([
    ["bad-junk", "JSON"],
    ["bad-huge", "KiB"],
    ["bad-fails", "asked to fail"],
    ["bad-hangs", "within 5 s"],
    ["no-name", "name: "],
    ["bad-route", "route: "],
    ["bad-id", "id: "],
    ["bad-version", "protocol: "],
  ])("Plugin metadata: %s is invalid, and the reason says %s", async (id, word) => {
    expect(await host.invalid(`${id}.binary`)).toContain(word);
  });

  test("Plugin listens on socket: at the path it was told, in a folder that is the host's alone", async () => {
    for (const id of ["strict", "direct", "two"]) {
      await host.reaches(id, "running", "healthy");
      expect((await stat(join(host.runDir, `${id}.sock`))).isSocket()).toBe(true);
    }
    expect((await stat(host.runDir)).mode & 0o777).toBe(0o700);
  });

  test("Plugin process: of the host's environment it has what is named, and nothing else", async () => {
    const { environment } = await host.json<{ environment: Record<string, string> }>("/plugins/two/env");
    // The shell that starts it adds its own: PWD, in bash also SHLVL and _.
    const usual = /^(?:PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|PWD|SHLVL|_)$/;
    const own = Object.keys(environment).filter((name) => !usual.test(name));
    expect(own.sort()).toEqual([
      "TORU_INSTANCE_ID",
      "TORU_PLUGIN_DATA_DIR",
      "TORU_PLUGIN_ID",
      "TORU_PLUGIN_LOG",
      "TORU_PLUGIN_SOCKET",
      "TORU_PROTOCOL",
    ]);
  });

  test("Plugin listens on socket: one that takes a while is waited for", async () => {
    await host.reaches("late", "running", "healthy");
    expect((await host.plugin("late"))?.restarts).toBe(0);
  });

  test("Plugin listens on socket: one that never does is ended, and it counts as a crash", async () => {
    const { crash, crashes, pid } = await host.reaches("never", "backoff");
    expect(crash?.reason).toContain("did not listen on its socket within 3 s");
    expect({ crashes, pid }).toEqual({ crashes: 1, pid: null });
  });

  test("Plugin listens on socket: version 2 must answer init, and an error counts as a crash", async () => {
    expect((await host.reaches("silent", "backoff")).crash?.reason).toContain("3 s");
    expect((await host.reaches("refuses", "backoff")).crash?.reason).toContain("asked to refuse");
  });

  test.each([
    ["strict", "GET"],
    ["direct", "POST"],
    ["two", "DELETE"],
  ])("Plugin handles HTTP request: %s answers %s with status, headers and body", async (id, method) => {
    const response = await host.fetch(`/plugins/${id}/thing`, { method, headers: { "x-mark": "m" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({ method, path: `/${id}/thing`, headers: { "x-mark": "m" } });
  });

  test.each(["strict", "kv-http", "kv-value"])(
    "Plugin handles KV operation: %s stores, gives and deletes",
    async (id) => {
      await host.reaches(id, "running");
      const key = "color / ä";
      expect(await handleKv(id, { action: "get", key })).toEqual({ value: null });
      expect(await handleKv(id, { action: "set", key, value: "blue\n€" })).toEqual({ value: null });
      expect(await handleKv(id, { action: "get", key })).toEqual({ value: "blue\n€" });
      expect(await handleKv(id, { action: "delete", key })).toEqual({ value: null });
      expect(await handleKv(id, { action: "get", key })).toEqual({ value: null });
    },
  );

  test("Plugin handles KV operation: version 2 gets the operation as it is", async () => {
    const answer = (await handleKv("two-kv", { action: "set", key: "k", value: "v" })) as { value: string };
    expect(JSON.parse(answer.value)).toEqual({ action: "set", key: "k", value: "v" });
  });

  test("Plugin handles KV operation: 501 where the plugin handles none", async () => {
    expect(await handleKv("two", { action: "get", key: "k" })).toBe(501);
    expect(await handleKv("strict", { action: "list" })).toBe(501);
  });

  test("Plugin handles KV operation: a version 1 plugin asks the host in both forms before it answers", async () => {
    const path = "/plugins/direct/kv-roundtrip?key=k&value=from-direct";
    const { set, get } = await host.json<Record<"set" | "get", Record<string, unknown>>>(path);
    expect(set).toMatchObject({ type: "kv", request_id: "own-1", payload: { type: "kv", request_id: "own-1" } });
    expect(get).toMatchObject({ request_id: "own-2", payload: { type: "kv", value: "from-direct" } });
    expect(await (await host.post("/api/plugins/direct/kv", { action: "get", key: "k" })).json()).toEqual({
      value: "from-direct",
    });
  });

  test("Plugin handles KV operation: version 2 asks the host while it serves a request", async () => {
    expect(await host.json("/plugins/two/kv/set?key=k&value=from-two")).toEqual({ value: null });
    expect(await host.json("/plugins/two/kv/get?key=k")).toEqual({ value: "from-two" });
    expect(await host.json("/plugins/two/kv/get?key=")).toHaveProperty("error.code");
    await until("the plugin is as healthy as before", async () => (await host.plugin("two"))?.health === "healthy");
  });
});
