import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { InstalledPlugin } from "@toru/http-api";
import { join } from "node:path";
import { eventually } from "./support/eventually.ts";
import { storedEventTypes, supervisorActions, supervisorLines, type SupervisorLine } from "./support/plugin-history.ts";
import { exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const KINDS = ["strict", "direct", "two"] as const;

async function manage(host: TestHost, id: string, action: "enable" | "disable" | "restart"): Promise<InstalledPlugin> {
  const response = await host.post(`/api/plugins/${id}/${action}`);
  expect(response.status).toBe(200);
  return (await response.json()) as InstalledPlugin;
}

async function config(host: TestHost): Promise<unknown> {
  return Bun.file(join(host.pluginsDir, ".metadata", "config.json")).json();
}

describe("Plugin Lifecycle", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: { TORU_HEALTH_INTERVAL_MS: "3000", TORU_STOP_GRACE_MS: "3000" },
      prepare: async (host) => {
        await host.install("v1-strict", "strict");
        await host.install("v1-direct", "direct");
        for (const id of ["two", "flips", "crowd"]) await host.install("v2", id);
        await host.install("v2", "crashes", { behaviour: "exit-at-once" });
      },
    });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  async function shutdowns(id: string): Promise<number> {
    return (await supervisorActions(host, id)).filter((action) => action === "shutdown").length;
  }

  /** The next end of this plugin follows its shutdown message, without a signal. */
  function expectOrderlyEnd(id: string, shutdownsBefore: number): Promise<void> {
    return eventually(async () => {
      expect(await shutdowns(id)).toBe(shutdownsBefore + 1);
      const actions = await supervisorActions(host, id);
      expect(actions[actions.lastIndexOf("shutdown") + 1]).toBe("exit");
    });
  }

  test.each(KINDS)(
    "Disable plugin: %s gets the shutdown message, ends by itself, and its routes are 404",
    async (id) => {
      const { pid } = await host.reaches(id, "running", "healthy");
      expect(await manage(host, id, "disable")).toMatchObject({ enabled: false, status: "stopping" });
      expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(404);
      expect((await host.fetch(`/api/plugins/route/${id}/x`)).status).toBe(404);
      const plugin = await host.reaches(id, "disabled");
      expect(plugin).toMatchObject({ enabled: false, health: "disabled", pid: null, crash: null, crashes: 0 });
      expect(await exists(`/proc/${pid}`)).toBe(false);
      expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(404);
      const isExit = ({ fields }: SupervisorLine) => fields["event"] === "exit";
      const exit = await until("the log has the end", async () => (await supervisorLines(host, id)).find(isExit));
      expect(exit.fields).toMatchObject({ pid, code: 0, signal: null });
      expect(await supervisorActions(host, id)).toEqual(["spawn", "init", "shutdown", "exit"]);
      expect(await config(host)).toMatchObject({ plugins: { [id]: false } });
    },
  );

  test.each(KINDS)("Enable plugin: %s gets a process and its routes back, and shows as enabled", async (id) => {
    expect(await manage(host, id, "enable")).toMatchObject({ enabled: true, status: "starting" });
    const { pid } = await host.reaches(id, "running", "healthy");
    expect(await exists(`/proc/${pid}`)).toBe(true);
    expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(200);
    expect(await host.plugin(id)).toMatchObject({ enabled: true, health: "healthy", crashes: 0 });
    expect(await config(host)).toMatchObject({ plugins: { [id]: true } });
    const expected = ["started", "disabled", "stopped", "enabled", "started"];
    await eventually(async () => expect(await storedEventTypes(host, id)).toEqual(expected));
  });

  test("Enable plugin: doing it again changes nothing", async () => {
    const { pid } = await host.reaches("two", "running", "healthy");
    expect(await manage(host, "two", "enable")).toMatchObject({ pid, status: "running" });
    expect(await host.plugin("two")).toMatchObject({ pid, restarts: 0 });
  });

  test.each(["enable", "disable", "restart"])("%s of a plugin that does not exist is 404", async (action) => {
    expect((await host.post(`/api/plugins/nobody/${action}`)).status).toBe(404);
  });

  test.each(["restart", "disable"] as const)(
    "A request in flight is answered before a %s takes effect",
    async (action) => {
      await Promise.all(
        ["strict", "two"].map(async (id) => {
          await host.reaches(id, "running", "healthy");
          const inFlight = host.fetch(`/plugins/${id}/sleep?ms=1000`);
          await Bun.sleep(300); // on its way; were it not, it would be answered 404 or 503
          const before = await shutdowns(id);
          await manage(host, id, action);
          expect((await inFlight).status).toBe(200);
          await expectOrderlyEnd(id, before);
        }),
      );
    },
  );

  test("Disable plugin: a strict version 1 plugin with a line of requests gets the shutdown message all the same", async () => {
    await manage(host, "strict", "enable");
    await host.reaches("strict", "running", "healthy");
    const inFlight = host.fetch("/plugins/strict/sleep?ms=1500");
    await Bun.sleep(100);
    const inLine = [1, 2, 3].map((index) => host.fetch(`/plugins/strict/x?n=${index}`));
    await Bun.sleep(100);
    const before = await shutdowns("strict");
    await manage(host, "strict", "disable");
    expect((await inFlight).status).toBe(200);
    for (const response of await Promise.all(inLine)) expect(response.status).toBe(200);
    await expectOrderlyEnd("strict", before);
  });

  test.each(KINDS)("Restart: %s gets a new process, orderly, without counting a crash", async (id) => {
    await manage(host, id, "enable");
    const { pid } = await host.reaches(id, "running", "healthy");
    await manage(host, id, "restart");
    const later = await until("a new process runs", async () => {
      const plugin = await host.plugin(id);
      return plugin?.status === "running" && plugin.pid !== pid ? plugin : null;
    });
    expect(later).toMatchObject({ enabled: true, crashes: 0, crash: null });
    const steps = ["shutdown", "exit", "spawn", "init"];
    await eventually(async () => expect((await supervisorActions(host, id)).slice(-4)).toEqual(steps));
    const events = ["stopped", "restarted"];
    await eventually(async () => expect((await storedEventTypes(host, id)).slice(-2)).toEqual(events));
  });

  test("Restart: a disabled plugin is refused with 409", async () => {
    await manage(host, "two", "disable");
    expect((await host.post("/api/plugins/two/restart")).status).toBe(409);
    await host.reaches("two", "disabled");
  });

  test.each(["enable", "disable"] as const)("20 calls in a row that end with %s end there", async (last) => {
    for (let call = 19; call >= 0; call -= 1) {
      const other = last === "enable" ? "disable" : "enable";
      await manage(host, "flips", call % 2 === 0 ? last : other);
    }
    const enabled = last === "enable";
    await host.reaches("flips", enabled ? "running" : "disabled");
    expect(await host.plugin("flips")).toMatchObject({ enabled });
    expect(await config(host)).toMatchObject({ plugins: { flips: enabled } });
    expect((await host.fetch("/plugins/flips/x")).status).toBe(enabled ? 200 : 404);
    await eventually(async () => {
      const actions = await supervisorActions(host, "flips");
      const lives = actions.filter((action) => action === "spawn" || action === "exit");
      // Never two processes at a time.
      expect(lives.every((action, index) => action === (index % 2 === 0 ? "spawn" : "exit"))).toBe(true);
      expect(lives.at(-1)).toBe(enabled ? "spawn" : "exit");
    });
  });

  test("20 calls at once end in one state, which is the saved one", async () => {
    await host.reaches("crowd", "running");
    const calls = Array.from({ length: 20 }, (_, index) =>
      manage(host, "crowd", index % 2 === 0 ? "disable" : "enable"),
    );
    await Promise.all(calls);
    const plugin = await until("it comes to rest", async () => {
      const plugin = await host.plugin("crowd");
      return plugin?.status === "running" || plugin?.status === "disabled" ? plugin : null;
    });
    expect(plugin.enabled).toBe(plugin.status === "running");
    expect(await config(host)).toMatchObject({ plugins: { crowd: plugin.enabled } });
    expect((await host.fetch("/plugins/crowd/x")).status).toBe(plugin.enabled ? 200 : 404);
  });

  test("Disable plugin: one that waits to be restarted is not started again", async () => {
    await until("it crashed", async () => ((await host.plugin("crashes"))?.crashes ?? 0) > 1);
    await manage(host, "crashes", "disable");
    await host.reaches("crashes", "disabled");
    const spawned = (await supervisorActions(host, "crashes")).filter((action) => action === "spawn").length;
    await Bun.sleep(900); // the longest wait at this base
    expect((await supervisorActions(host, "crashes")).filter((action) => action === "spawn")).toHaveLength(spawned);
  });
});

describe("Plugin Lifecycle: across restarts of the host", () => {
  test("Persist enabled state: what was enabled and disabled is so after a restart of the host", async () => {
    await using first = await TestHost.start({
      prepare: async (host) => {
        for (const id of ["off", "on", "untouched"]) await host.install("v2", id);
      },
    });
    for (const id of ["off", "on", "untouched"]) await first.reaches(id, "running");
    await manage(first, "off", "disable");
    await manage(first, "on", "disable");
    await manage(first, "on", "enable");
    await first.stop();
    await using second = await first.again();
    expect(await config(second)).toEqual({ plugins: { off: false, on: true } });
    for (const id of ["on", "untouched"]) await second.reaches(id, "running", "healthy");
    expect(await second.plugin("off")).toMatchObject({ enabled: false, status: "disabled", pid: null });
    expect((await second.fetch("/plugins/off/x")).status).toBe(404);
    await manage(second, "off", "enable");
    await second.reaches("off", "running", "healthy");
  });

  test("List plugins: config.json is read at the start, and only enabled plugins get a process", async () => {
    await using host = await TestHost.start({
      prepare: async (host) => {
        for (const id of ["absent", "off", "on"]) await host.install("v2", id);
        const file = { plugins: { off: false, on: true, gone: false }, note: { kept: [1] } };
        await Bun.write(join(host.pluginsDir, ".metadata", "config.json"), JSON.stringify(file));
      },
    });
    for (const id of ["absent", "on"]) await host.reaches(id, "running", "healthy");
    expect((await host.plugins()).map(({ id }) => id)).toEqual(["absent", "off", "on"]);
    expect(await host.plugin("off")).toMatchObject({
      enabled: false,
      status: "disabled",
      health: "disabled",
      pid: null,
    });
    expect(await supervisorActions(host, "off")).toEqual([]);
    expect(await host.processes()).toHaveLength(2);
    await manage(host, "on", "disable");
    expect(await config(host)).toEqual({ plugins: { off: false, on: false, gone: false }, note: { kept: [1] } });
  });
});
