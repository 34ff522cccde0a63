import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const SOURCE = join(import.meta.dir, "../../../examples/disk-usage/disk-usage.py");

interface Overview {
  filesystems: { path: string; total_bytes: number; used_percent: number }[];
}

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => host.installText("disk-usage.binary", await Bun.file(SOURCE).text()),
  });
  await host.reaches("disk-usage", "running", "healthy");
});

afterAll(() => host[Symbol.asyncDispose]());

async function kv(body: object): Promise<Record<string, unknown>> {
  return (await host.post("/api/plugins/disk-usage/kv", body)).json() as Promise<Record<string, unknown>>;
}

describe("the example disk-usage", () => {
  test("the overview tells real disks over HTTP", async () => {
    const response = await host.fetch("/plugins/disk-usage");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/json");
    const { filesystems } = (await response.json()) as Overview;
    expect(filesystems.length).toBeGreaterThan(0);
    for (const disk of filesystems) expect(disk.total_bytes).toBeGreaterThan(0);
  });

  test("a folder may be looked into by an admin, at both prefixes", async () => {
    const query = `path=${encodeURIComponent(host.folder)}&depth=2`;
    for (const prefix of ["/plugins/disk-usage", "/api/plugins/route/disk-usage"]) {
      const tree = await host.json<{ path: string; bytes: number }>(`${prefix}/tree?${query}`);
      expect(tree.path).toBe(host.folder);
      expect(tree.bytes).toBeGreaterThan(0);
    }
    const headers = { authorization: `Bearer ${await host.token("read")}`, cookie: "" };
    expect((await host.fetch(`/plugins/disk-usage/tree?${query}`, { headers })).status).toBe(403);
  });

  test("its history is in its key-value storage", async () => {
    const keys = await until("the first sample is stored", async () => {
      const listed = (await kv({ action: "list", prefix: "sample:" }))["keys"] as string[];
      return listed.length > 0 ? listed : null;
    });
    const { value } = await kv({ action: "get", key: keys[0] });
    expect(JSON.parse(String(value))).toBeObject();
    const { samples } = await host.json<{ samples: { at: string }[] }>("/plugins/disk-usage/history");
    expect(samples.map(({ at }) => `sample:${at}`)).toEqual(keys);
  });

  test("its page is served", async () => {
    const response = await host.fetch("/api/plugins/disk-usage/bundle.js");
    expect(response.headers.get("content-type")).toContain("javascript");
    expect(await response.text()).toContain('window.ToruPlugins["disk-usage"] = { mount, unmount }');
  });

  test("it logs, stays healthy, and stops in order", async () => {
    expect((await host.log("plugins/disk-usage.log")).length).toBeGreaterThan(0);
    expect(await host.plugin("disk-usage")).toMatchObject({ health: "healthy", restarts: 0, crash: null });
    await host.post("/api/plugins/disk-usage/disable");
    await host.reaches("disk-usage", "disabled");
    const kills = (await host.log("plugin-supervisor.log")).filter(({ message }) => message === "kill");
    expect(kills).toEqual([]);
    expect(await host.processes()).toEqual([]);
  });
});
