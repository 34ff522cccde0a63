import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RunningCommand } from "./support/command.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

interface Watched {
  host: string;
  plugins: Record<string, { status: string; health: string; since: string; reason: string | null }>;
}

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    prepare: async (host) => {
      await host.install("v2", "acme");
      await host.install("v1-direct", "legacy");
      await host.install("v2", "failing", { behaviour: "exit-at-once", code: 3 });
      await host.install("v2", "off");
    },
    env: { TORU_CRASH_LIMIT: "2", TORU_HEALTH_INTERVAL_MS: "1000" },
  });
  for (const id of ["acme", "legacy", "off"]) await host.reaches(id, "running", "healthy");
  await host.reaches("failing", "failed");
  await host.post("/api/plugins/off/disable");
  await host.reaches("off", "disabled");
});

afterAll(() => host[Symbol.asyncDispose]());

/** What a program that sees nothing but the log folder knows. */
async function look(at = host): Promise<Watched> {
  await using command = new RunningCommand(at, ["watch", "--once", "--json"], OUTSIDER);
  const code = await command.exited();
  if (code !== 0) throw new Error(`exit code ${code}: ${command.stderr}`);
  return JSON.parse(command.stdout) as Watched;
}

/** It shares no folder with the host but that of the logs. */
const OUTSIDER = { TORU_DATA_DIR: "/nonexistent", TORU_RUN_DIR: "/nonexistent", TORU_PLUGINS_DIR: "/nonexistent" };

describe("Plugin Observability: TORIS reads logs", () => {
  test("once: each plugin's health, since when and why", async () => {
    const { host: summary, plugins } = await look();
    expect(summary).toBe("host: running");
    expect(plugins).toMatchObject({
      acme: { status: "running", health: "healthy", reason: null },
      legacy: { status: "running", health: "healthy", reason: null },
      off: { status: "disabled", health: "disabled" },
      failing: { status: "failed", health: "disabled", reason: expect.stringContaining("3") },
    });
    for (const { since } of Object.values(plugins)) expect(Date.parse(since)).toBeCloseTo(Date.now(), -5);
  });

  test("once, for people: a table", async () => {
    await using command = new RunningCommand(host, ["watch", "--once"], OUTSIDER);
    expect(await command.exited()).toBe(0);
    expect(command.lines[0]).toBe(`host: running (${host.logDir})`);
    expect(command.lines[1]).toMatch(/^ID +STATUS +HEALTH +SINCE +REASON$/);
    expect(command.stdout).toMatch(/^acme +running +healthy +20\d\d-/m);
  });

  test("live: a crash, the restart and bad health show as they happen, and so does what plugins complain of", async () => {
    await using command = new RunningCommand(host, ["watch", "--json"], OUTSIDER);
    await command.says('"plugins":');
    await host.fetch("/plugins/acme/crash?code=9");
    await until("the crash and the restart are told", () => told(command, "acme").at(-1) === "running healthy");
    expect(told(command, "acme").slice(-3)).toEqual(["backoff undefined", "starting undefined", "running healthy"]);
    await host.fetch("/plugins/acme/ignore-pings?count=1");
    await until("the health is told", () => told(command, "acme").includes("running unhealthy"));
    await host.fetch("/plugins/legacy/log?m=not-notable");
    await host.fetch("/plugins/acme/log?level=error&message=disk%20on%20fire");
    await command.says("disk on fire");
    expect(command.stdout).not.toContain("not-notable");
    command.signal("SIGTERM");
    expect(await command.exited()).toBe(0);
  });

  test.concurrent("once ends although a plugin never stops writing", async () => {
    await using own = await TestHost.start({
      prepare: (host) => host.installText("chatty.binary", CHATTY_PLUGIN),
      env: { TORU_BACKOFF_BASE_MS: "1", TORU_CRASH_LIMIT: "1000", TORU_CRASHES_PER_HOUR: "1000" },
    });
    await until("it writes", async () => (await own.log("plugins/chatty.log")).length > 20);
    expect((await look(own)).plugins).toHaveProperty("chatty");
  });

  test.concurrent("a host that was stopped is known to be down, and so are its plugins", async () => {
    await using own = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    await own.reaches("acme", "running", "healthy");
    expect(await own.stop()).toBe(0);
    const { host: summary, plugins } = await look(own);
    expect(summary).toStartWith("host: stopped at 20");
    expect(plugins["acme"]?.health).not.toBe("healthy");
  });

  test.concurrent("after kill -9 the log tells what was last known", async () => {
    await using own = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    await until("the log says that it runs", async () =>
      (await own.log("plugin-supervisor.log")).some(({ message }) => message === "running"),
    );
    own.signal("SIGKILL");
    await own.exited();
    await until("its plugin is gone too", async () => (await own.processes()).length === 0);
    const { plugins } = await look(own);
    expect(plugins["acme"]).toMatchObject({ status: "running", health: "healthy" });
  });

  test.concurrent("a folder where no host has written yet is no error", async () => {
    await using command = new RunningCommand(host, ["watch", "--once", "--log-dir", "/nonexistent/logs"]);
    expect(await command.exited()).toBe(0);
    expect(command.stdout).toContain("nothing is known of it yet");
  });
});

/** Status and health of each change of a plugin that the command has told. */
function told(command: RunningCommand, plugin: string): string[] {
  const entries = command.lines
    .slice(1)
    .map((line) => JSON.parse(line) as { plugin: string; fields?: Record<string, unknown> });
  const states = entries.filter((entry) => entry.plugin === plugin && entry.fields?.["event"] === "state");
  return states.map(({ fields }) => `${String(fields?.["status"])} ${String(fields?.["health"])}`);
}

/** Writes a warning every 20 ms, and never serves. */
const CHATTY_PLUGIN = `#!/usr/bin/env python3
import json, sys, time
if "--metadata" in sys.argv:
    print(json.dumps({"id": "chatty", "name": "Chatty", "version": "1", "icon": "🦜", "route": "/chatty", "protocol": 2}))
    sys.exit()
while True:
    print("still here", flush=True)
    time.sleep(0.02)
`;
