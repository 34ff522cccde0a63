import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { InstalledPlugin, PluginChange } from "@toru/http-api";
import { EventReader } from "./support/event-reader.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v2", "other", { bundle: "/* its own */" });
      await Bun.write(join(host.pluginsDir, "acme/bundle.js"), "/* one */");
    },
  });
  await host.reaches("acme", "running", "healthy");
  await host.reaches("other", "running", "healthy");
});

afterAll(() => host[Symbol.asyncDispose]());

async function plugin(id: string): Promise<InstalledPlugin> {
  const found = await host.plugin(id);
  if (found === null) throw new Error(`there is no plugin ${id}`);
  return found;
}

/** Waits until the plugin has another revision than this one. */
function revised(id: string, before: string): Promise<InstalledPlugin> {
  return until(`${id} has another revision`, async () => {
    const now = await plugin(id);
    return now.revision === before ? null : now;
  });
}

/** Any change in the plugins folder itself makes the host look at once, not only every few seconds. */
async function lookNow(): Promise<void> {
  await Bun.write(join(host.pluginsDir, "notes.txt"), crypto.randomUUID());
}

describe("Plugin Frontend: the revision of a plugin", () => {
  test("a restart does not change it", async () => {
    const before = await plugin("acme");
    expect(before.revision).toMatch(/^[0-9a-z]{1,16}$/);
    await host.post("/api/plugins/acme/restart");
    const after = await until("it runs anew", async () => {
      const now = await plugin("acme");
      return now.status === "running" && now.pid !== before.pid ? now : null;
    });
    expect(after.revision).toBe(before.revision);
  });

  test("a new bundle file changes it and is told to who listens, and the plugin runs on", async () => {
    await using reader = await EventReader.open((signal) => host.fetch("/api/events", { signal }));
    await reader.find("the greeting", ({ name }) => name === "hello");
    const before = await plugin("acme");
    const other = await plugin("other");
    await Bun.write(join(host.pluginsDir, "acme/bundle.js"), "/* two */");
    const after = await revised("acme", before.revision);
    expect([after.pid, after.status]).toEqual([before.pid, "running"]);
    const changes = reader.events.filter(({ name }) => name === "plugin").map(({ data }) => data as PluginChange);
    expect(changes).toMatchObject([
      { id: "acme", plugin: { revision: after.revision, status: "running" }, event: null },
    ]);
    expect((await plugin("other")).revision).toBe(other.revision);
    expect(await (await host.fetch("/api/plugins/acme/bundle.js")).text()).toBe("/* two */");
  });

  test("a bundle file that goes, and one that comes at the second place, change it", async () => {
    const before = await plugin("acme");
    await rm(join(host.pluginsDir, "acme/bundle.js"));
    await lookNow();
    const without = await revised("acme", before.revision);
    await Bun.write(join(host.pluginsDir, "acme/frontend/bundle.js"), "/* there */");
    await lookNow();
    const second = await revised("acme", without.revision);
    expect([second.pid, second.revision === before.revision]).toEqual([before.pid, false]);
  });

  test("a new executable changes it", async () => {
    const before = await plugin("other");
    await host.install("v2", "other", { bundle: "/* another */" });
    const after = await revised("other", before.revision);
    expect((await host.reaches("other", "running", "healthy")).revision).toBe(after.revision);
  });
});
