import { describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

describe("Plugin Process Isolation", () => {
  test("Spawn plugin process: a valid .binary file gets a process of its own", async () => {
    await using host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    const { pid } = await host.reaches("acme", "running", "healthy");
    expect(pid).not.toBe(host.pid);
    expect(await host.json<{ pid: number }>("/plugins/acme/pid")).toMatchObject({ pid });
  });

  test("Plugin crash isolation: the host and the other plugins go on", async () => {
    await using host = await TestHost.start({
      prepare: async (host) => {
        await host.install("v2", "bad", { behaviour: "crash-after", ms: 100 });
        await host.install("v2", "good");
      },
    });
    const { pid } = await host.reaches("good", "running", "healthy");
    await until("bad has crashed twice", async () => ((await host.plugin("bad"))?.crashes ?? 0) >= 2);
    expect(host.hasExited).toBe(false);
    expect((await host.plugin("good"))?.pid).toBe(pid);
    expect((await host.fetch("/plugins/good/x")).status).toBe(200);
  });

  test("Plugin directory missing: it is created, and no plugins are loaded", async () => {
    await using host = await TestHost.start();
    expect(await exists(host.pluginsDir)).toBe(true);
    expect(await host.plugins()).toEqual([]);
  });

  test("A plugins folder that is removed while the host runs is made again, and watched again", async () => {
    await using host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    await host.reaches("acme", "running");
    await rm(host.pluginsDir, { recursive: true });
    await until("the plugin is gone", async () => (await host.plugins()).length === 0);
    await host.install("v2", "later");
    await host.reaches("later", "running");
  });

  test("Invalid plugin file: it is logged, listed with the reason, and the others load", async () => {
    await using host = await TestHost.start({
      prepare: async (host) => {
        await host.installText("broken.binary", "#!/bin/sh\nexit 3\n");
        await host.install("v2", "dies", { behaviour: "exit-at-once", code: 4 });
        await host.install("v2", "good");
      },
    });
    await host.reaches("good", "running", "healthy");
    expect(await host.invalid("broken.binary")).toContain("exited with code 3");
    const dies = await until("the crash shows", async () => (await host.plugin("dies"))?.crash);
    expect(dies).toMatchObject({ code: 4, signal: null });
    const errors = await until("both are in the log", async () => {
      const lines = await host.log("plugin-supervisor.log");
      const bad = lines.filter(({ level }) => level === "error" || level === "warn");
      return bad.some(({ plugin }) => plugin === "dies") && bad.some(({ plugin }) => plugin === "*") ? bad : null;
    });
    expect(errors.map(({ message }) => message).join("\n")).toContain("broken.binary");
  });
});
