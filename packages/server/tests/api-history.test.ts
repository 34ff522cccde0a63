import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eventPageSchema, logPageSchema, pluginPathsSchema, type EventPage, type PluginEvent } from "@toru/http-api";
import { exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v1-direct", "legacy");
      await host.install("v2", "crashing", { behaviour: "exit-at-once", code: 7, until: 1 });
    },
  });
  for (const id of ["acme", "legacy", "crashing"]) await host.reaches(id, "running", "healthy");
  for (let number = 1; number <= 20; number += 1) {
    await host.fetch(`/plugins/acme/log?level=${number % 2 === 0 ? "error" : "info"}&message=line%20${number}`);
  }
  await until("all lines are written", async () => (await host.log("plugins/acme.log")).length >= 20);
});

afterAll(() => host[Symbol.asyncDispose]());

describe("What happened to plugins, whole", () => {
  test("events of all plugins are there newest first, by plugin, by types and by pages", async () => {
    const walk = async (query: string): Promise<PluginEvent[]> => {
      const seen: PluginEvent[] = [];
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? "" : `&cursor=${cursor}`;
        const page: EventPage = eventPageSchema.parse(await host.json(`/api/plugin-events?limit=2${query}${after}`));
        seen.push(...page.events);
        ({ cursor } = page);
      } while (cursor !== null);
      return seen;
    };
    const all = await until("all have started", async () => {
      const events = await walk("");
      return new Set(events.map((event) => event.plugin_id)).size === 3 ? events : null;
    });
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => b - a));
    const of = (fits: (event: PluginEvent) => boolean) => all.filter(fits).map(({ id }) => id);
    const ids = async (query: string) => (await walk(query)).map(({ id }) => id);
    expect(await ids("&plugin=crashing")).toEqual(of((event) => event.plugin_id === "crashing"));
    expect(await ids("&type=started")).toEqual(of((event) => event.event_type === "started"));
    expect(await ids("&type=crashed&type=restarted&plugin=crashing")).toHaveLength(2);
    expect(await ids("&plugin=nobody")).toEqual([]);
    expect((await host.fetch("/api/plugin-events?type=exploded")).status).toBe(400);
  });

  test("paths: where the plugin's things lie, and they are there", async () => {
    const paths = pluginPathsSchema.parse(await host.json("/api/plugins/acme/paths"));
    expect(paths).toEqual({
      file: join(host.pluginsDir, "acme.binary"),
      log: join(host.logDir, "plugins/acme.log"),
      data: join(host.dataDir, "plugins/acme"),
      socket: join(host.runDir, "acme.sock"),
    });
    for (const path of Object.values(paths)) expect([path, await exists(path)]).toEqual([path, true]);
  });

  test("log download: the bytes of the file, or the lines that the pages show", async () => {
    const response = await host.fetch("/api/plugins/acme/logs/download");
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="acme.log"');
    const file = await readFile(join(host.logDir, "plugins/acme.log"), "utf8");
    const whole = await response.text();
    expect(whole.length).toBeGreaterThan(1_000);
    expect(file.startsWith(whole)).toBe(true);
    const chosen = await (await host.fetch("/api/plugins/acme/logs/download?level=error&q=LINE")).text();
    const page = logPageSchema.parse(await host.json("/api/plugins/acme/logs?level=error&q=LINE"));
    expect(page.logs.length).toBe(10);
    expect(
      chosen
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(page.logs);
    expect((await host.fetch("/api/plugins/acme/logs/download?level=loud")).status).toBe(400);
  });
});
