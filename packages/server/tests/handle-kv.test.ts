import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TestHost } from "./support/test-host.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v1-strict", "wrapped");
      await host.install("v1-strict", "reply-http", { behaviour: "kv-reply-http" });
      await host.install("v1-strict", "reply-value", { behaviour: "kv-value" });
      await host.install("v2", "asks", { metadata: { handles: ["http", "kv"] } });
      await host.install("v2", "deaf");
    },
  });
  for (const id of ["wrapped", "reply-http", "reply-value", "asks", "deaf"])
    await host.reaches(id, "running", "healthy");
});

afterAll(() => host[Symbol.asyncDispose]());

async function handle(id: string, body: unknown): Promise<[number, unknown]> {
  const response = await host.post(`/api/plugins/${id}/handle-kv`, body);
  return [response.status, await response.json()];
}

describe("Plugin API Contract", () => {
  test.each(["wrapped", "reply-http", "reply-value"])(
    "Plugin handles KV operation: version 1 performs it and its answer comes back (%s)",
    async (id) => {
      expect(await handle(id, { action: "set", key: "k", value: "in the plugin" })).toEqual([200, { value: null }]);
      expect(await handle(id, { action: "get", key: "k" })).toEqual([200, { value: "in the plugin" }]);
      expect(await handle(id, { action: "delete", key: "k" })).toEqual([200, { value: null }]);
      expect(await handle(id, { action: "get", key: "k" })).toEqual([200, { value: null }]);
    },
  );

  test("Plugin handles KV operation: what the plugin holds is not the host's store", async () => {
    await handle("wrapped", { action: "set", key: "apart", value: "in the plugin" });
    const stored = await host.post("/api/plugins/wrapped/kv", { action: "get", key: "apart" });
    expect(await stored.json()).toEqual({ value: null });
  });

  test("Plugin handles KV operation: version 2 gets the operation as it was asked", async () => {
    const [status, answer] = await handle("asks", { action: "set", key: "k", value: "v" });
    expect(status).toBe(200);
    expect(JSON.parse((answer as { value: string }).value)).toEqual({ action: "set", key: "k", value: "v" });
  });

  test("a plugin that handles no kv is 501", async () => {
    expect(await handle("deaf", { action: "get", key: "k" })).toMatchObject([
      501,
      { type: "/problems/plugin-unsupported" },
    ]);
  });

  test("version 1 knows no list: 501", async () => {
    expect((await handle("wrapped", { action: "list" }))[0]).toBe(501);
  });

  test("the limits hold before the plugin is asked", async () => {
    expect((await handle("wrapped", { action: "get", key: "x".repeat(513) }))[0]).toBe(400);
    expect((await handle("wrapped", { action: "set", key: "k", value: "x".repeat(1024 * 1024 + 1) }))[0]).toBe(413);
  });

  test("a disabled plugin is 404", async () => {
    await host.post("/api/plugins/asks/disable");
    await host.reaches("asks", "disabled");
    expect((await handle("asks", { action: "get", key: "k" }))[0]).toBe(404);
    expect((await handle("nobody", { action: "get", key: "k" }))[0]).toBe(404);
  });
});
