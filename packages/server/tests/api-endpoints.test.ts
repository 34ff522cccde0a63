import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { installedPluginSchema, invalidPluginSchema, pluginListSchema } from "@toru/http-api";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

interface LogPage {
  logs: { timestamp: string; level: string; plugin: string; message: string; error?: string }[];
  page: number;
  page_size: number;
  total: number;
  cursor: string | null;
}

interface EventPage {
  events: { id: number; plugin_id: string; event_type: string; timestamp: string; details: object }[];
  cursor: string | null;
}

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    env: { TORU_HEALTH_INTERVAL_MS: "1000" },
    prepare: async (host) => {
      const described = { author: "Ada", description: "Words", homepage: "https://a.example", license: "MIT" };
      await host.install("v2", "acme", { version: "1.2.3", metadata: { ...described, name: "Äcme", extra: [1] } });
      await host.install("v1-direct", "legacy");
      await host.install("v2", "crashing", { behaviour: "exit-at-once", code: 7, until: 1 });
      await host.installText("broken.binary", "#!/bin/sh\necho no JSON\n");
    },
  });
  await host.reaches("acme", "running", "healthy");
  await host.reaches("legacy", "running", "healthy");
  await host.reaches("crashing", "running", "healthy");
  await host.invalid("broken.binary");
  for (let number = 1; number <= 25; number += 1) {
    const level = number % 5 === 0 ? "error" : number % 2 === 0 ? "warn" : "info";
    await host.fetch(`/plugins/acme/log?level=${level}&message=line%20${number}`);
  }
  await until("all lines are written", async () => (await logs("q=line")).total === 25);
});

afterAll(() => host[Symbol.asyncDispose]());

function logs(query: string): Promise<LogPage> {
  return host.json<LogPage>(`/api/plugins/acme/logs?${query}`);
}

function messages({ logs }: LogPage): string[] {
  return logs.map(({ message }) => message);
}

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
}

describe("Plugin API Endpoints", () => {
  test("List plugins endpoint: all installed plugins with metadata and status, invalid files too", async () => {
    const plugins = pluginListSchema.parse(await host.json<unknown>("/api/plugins"));
    expect(plugins.map(({ file }) => file)).toEqual([
      "acme.binary",
      "broken.binary",
      "crashing.binary",
      "legacy.binary",
    ]);
    expect(plugins[0]).toMatchObject({
      id: "acme",
      name: "Äcme",
      version: "1.2.3",
      status: "running",
      health: "healthy",
    });
    expect(invalidPluginSchema.parse(plugins[1])).toMatchObject({ id: null, reason: expect.stringContaining("JSON") });
  });

  test("Get plugin endpoint: the full details", async () => {
    const details = installedPluginSchema.parse(await host.json<unknown>("/api/plugins/acme"));
    expect(details).toMatchObject({
      id: "acme",
      file: "acme.binary",
      name: "Äcme",
      version: "1.2.3",
      icon: "🧪",
      route: "/acme",
      author: "Ada",
      description: "Words",
      homepage: "https://a.example",
      license: "MIT",
      protocol: 2,
      handles: ["http"],
      enabled: true,
      status: "running",
      health: "healthy",
      health_reason: null,
      restarts: 0,
      crashes: 0,
      crash_limit: 10,
      crash: null,
      retry_in_ms: null,
      problem: null,
    });
    expect(details.pid).toBeGreaterThan(0);
    expect(details.uptime_ms).toBeGreaterThan(0);
    const legacy = installedPluginSchema.parse(await host.json<unknown>("/api/plugins/legacy"));
    expect(legacy).toMatchObject({ author: null, description: null, protocol: 1, handles: ["http"] });
  });

  test("Get plugin endpoint: a crash keeps exit code, reason, uptime and output", async () => {
    const { crash, restarts } = installedPluginSchema.parse(await host.json<unknown>("/api/plugins/crashing"));
    expect(restarts).toBe(1);
    expect(crash).toMatchObject({ code: 7, signal: null, reason: expect.stringContaining("7") });
    expect(Date.parse(crash?.at ?? "")).toBeCloseTo(Date.now(), -5);
  });

  test.each(["nobody", "a%2Fb", "acme%00", "ACME"])("Get unknown plugin: 404 Not Found, %s", async (id) => {
    for (const path of ["logs", "events", "logs/stream", "logs/download", "paths", "bundle.js"]) {
      expect((await host.fetch(`/api/plugins/${id}/${path}`)).status).toBe(404);
    }
    for (const action of ["enable", "disable", "restart"]) {
      expect((await host.post(`/api/plugins/${id}/${action}`)).status).toBe(404);
    }
    const response = await host.fetch(`/api/plugins/${id}`);
    expect(await response.json()).toMatchObject({ type: "/problems/no-such-plugin", status: 404 });
  });

  test("an invalid plugin cannot be enabled: 409 with the reason", async () => {
    await host.installText("twisted.binary", `#!/bin/sh\necho '{"id": "twisted", "name": "T"}'\n`);
    await host.invalid("twisted.binary");
    const response = await host.post("/api/plugins/twisted/enable");
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      type: "/problems/plugin-invalid",
      detail: expect.stringContaining("route: is missing"),
    });
  });

  test("Get plugin logs endpoint: page 1 is the newest, each page reads oldest first", async () => {
    const first = await logs("q=line&page_size=10");
    expect(first).toMatchObject({ page: 1, page_size: 10, total: 25 });
    expect(messages(first)).toEqual(lines(16, 25));
    expect(messages(await logs("q=line&page_size=10&page=2"))).toEqual(lines(6, 15));
    expect(messages(await logs("q=line&page_size=10&page=3"))).toEqual(lines(1, 5));
    expect(messages(await logs("q=line&page_size=10&page=4"))).toEqual([]);
    expect(first.logs[0]).toMatchObject({ plugin: "acme", level: "warn", message: "line 16" });
  });

  test("Get plugin logs endpoint: the cursor walks back and does not shift while lines arrive", async () => {
    const seen: string[][] = [];
    let cursor: string | null = null;
    do {
      const page: LogPage = await logs(`q=line&page_size=10${cursor === null ? "" : `&cursor=${cursor}`}`);
      seen.unshift(messages(page));
      cursor = page.cursor;
      const { total } = await logs("");
      await host.fetch("/plugins/acme/log?message=later");
      await until("it is written", async () => (await logs("")).total > total);
    } while (cursor !== null);
    expect(seen.flat()).toEqual(lines(1, 25));
  });

  test("Get plugin logs endpoint: level is a minimum, q is text in any case", async () => {
    const errors = await logs("q=LINE&level=error");
    expect(messages(errors)).toEqual(["line 5", "line 10", "line 15", "line 20", "line 25"]);
    expect((await logs("q=line&level=warn")).total).toBe(15);
    expect((await logs("q=line&level=debug")).total).toBe(25);
    expect(messages(await logs("q=line%201&page_size=3"))).toEqual(["line 17", "line 18", "line 19"]);
    expect(await logs("q=nowhere")).toMatchObject({ logs: [], total: 0, cursor: null });
  });

  test.each(["page=0", "page=x", "page_size=0", "page_size=1001", "level=loud", "cursor=made-up"])(
    "Get plugin logs endpoint: %s is 400 and names the field",
    async (query) => {
      const response = await host.fetch(`/api/plugins/acme/logs?${query}`);
      expect(response.status).toBe(400);
      const { errors } = (await response.json()) as { errors: { field: string }[] };
      expect(errors.map(({ field }) => field)).toEqual([query.split("=")[0] ?? ""]);
    },
  );

  test("events are there newest first, by type and by pages", async () => {
    const types = (page: EventPage) => page.events.map((event) => event.event_type);
    const path = "/api/plugins/crashing/events";
    const all = await until("both are stored", async () => {
      const page = await host.json<EventPage>(path);
      return page.events.length >= 2 ? page : null;
    });
    expect(types(all)).toEqual(["restarted", "crashed"]);
    expect(all.cursor).toBeNull();
    expect(all.events[1]).toMatchObject({ plugin_id: "crashing", details: { code: 7, crashes: 1 } });
    const first = await host.json<EventPage>(`${path}?limit=1`);
    expect(types(first)).toEqual(["restarted"]);
    expect(types(await host.json<EventPage>(`${path}?limit=1&cursor=${first.cursor}`))).toEqual(["crashed"]);
    expect(types(await host.json<EventPage>(`${path}?type=crashed`))).toEqual(["crashed"]);
    expect(types(await host.json<EventPage>(`${path}?type=started&type=crashed`))).toEqual(["crashed"]);
    expect(types(await host.json<EventPage>(`${path}?type=restarted,crashed`))).toEqual(["restarted", "crashed"]);
    for (const wrong of ["exploded", "crashed,exploded", "", "crashed&type=exploded"]) {
      const refused = await host.fetch(`${path}?type=${wrong}`);
      expect([wrong, refused.status]).toEqual([wrong, 400]);
      expect(await refused.json()).toMatchObject({ errors: [{ field: "type" }] });
    }
  });

  test("restart: another process, and the plugin as it is then", async () => {
    const before = await host.plugin("legacy");
    const response = await host.post("/api/plugins/legacy/restart");
    expect(installedPluginSchema.parse(await response.json()).status).toBe("stopping");
    const after = await until("it runs anew", async () => {
      const plugin = await host.plugin("legacy");
      return plugin?.status === "running" && plugin.pid !== before?.pid ? plugin : null;
    });
    expect(after).toMatchObject({ restarts: 1, crashes: 0, crash: null });
  });

  test("a disabled plugin cannot be restarted: 409", async () => {
    await host.post("/api/plugins/legacy/disable");
    await host.reaches("legacy", "disabled");
    const response = await host.post("/api/plugins/legacy/restart");
    expect([response.status, ((await response.json()) as { type: string }).type]).toEqual([
      409,
      "/problems/plugin-not-enabled",
    ]);
  });
});
