import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { storedEvents } from "./support/plugin-history.ts";
import { QUICK_PLUGIN } from "./support/quick-plugin.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const START_TIMEOUT_MS = 4_000;
/** The longest run folder in which every plugin's socket fits, in bytes. */
const LONGEST_RUN_DIR = 107 - "/0123456789ab.sock".length;

async function crashReason(host: TestHost, id: string): Promise<string> {
  return until(`${id} has crashed`, async () => (await host.plugin(id))?.crash?.reason);
}

describe.concurrent("Plugin Supervision: a plugin that does not start as it should", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: { TORU_START_TIMEOUT_MS: String(START_TIMEOUT_MS), TORU_BACKOFF_BASE_MS: "600000" },
    });
  });

  afterAll(async () => {
    expect(host.hasExited).toBe(false);
    await host[Symbol.asyncDispose]();
  });

  test("never binds: a crash when the time is over, in words", async () => {
    await host.install("v2", "never-binds", { behaviour: "never-bind" });
    expect(await crashReason(host, "never-binds")).toContain("did not listen on its socket within 4 s");
    expect((await storedEvents(host, "never-binds")).map(({ event_type }) => event_type)).toEqual(["crashed"]);
  });

  test("never binds, version 1: the same", async () => {
    const manifest = JSON.stringify({ id: "deaf", name: "Deaf", version: "1", icon: "box", route: "/deaf" });
    await host.installText("deaf.binary", `#!/bin/sh\n[ "$1" = --metadata ] && echo '${manifest}' && exit\nexec cat\n`);
    expect(await crashReason(host, "deaf")).toContain("did not listen on its socket within 4 s");
  });

  test("binds late: it is starting meanwhile, its route answers 503, and then it works", async () => {
    await host.install("v2", "binds-late", { behaviour: "bind-late", ms: 1000 });
    await host.reaches("binds-late", "starting");
    const early = await host.fetch("/plugins/binds-late/x");
    expect(early.status).toBe(503);
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
    await host.reaches("binds-late", "running", "healthy");
    expect((await host.fetch("/plugins/binds-late/x")).status).toBe(200);
  });

  test("takes init and never says ready: a crash when the time is over", async () => {
    await host.install("v2", "no-ready", { behaviour: "no-ready" });
    expect(await crashReason(host, "no-ready")).toContain("did not answer within 4 s");
  });

  test("refuses init: a crash with the plugin's own words", async () => {
    await host.install("v2", "refuses", { behaviour: "refuse-init" });
    expect(await crashReason(host, "refuses")).toContain("the fixture was asked to refuse");
  });
});

describe("Plugin Protocol: what is in the place of a socket", () => {
  test("files, links and dead sockets of earlier runs make room; others' things are left alone", async () => {
    const victim = "somebody's file";
    const listener = createServer();
    await using host = await TestHost.start({
      env: { TORU_BACKOFF_BASE_MS: "600000" },
      prepare: async (host) => {
        await mkdir(host.runDir);
        const place = (id: string) => join(host.runDir, `${id}.sock`);
        const bind = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
        expect(Bun.spawnSync(["python3", "-c", bind, place("dead")]).exitCode).toBe(0);
        expect((await lstat(place("dead"))).isSocket()).toBe(true);
        await writeFile(place("file"), "planted");
        await writeFile(join(host.folder, "victim"), victim);
        await symlink(join(host.folder, "victim"), place("link"));
        await mkdir(place("folder"));
        await new Promise<void>((resolve) => listener.listen(place("alive"), resolve));
        for (const id of ["dead", "file", "link", "folder", "alive"]) await host.install("v2", id);
      },
    });
    for (const id of ["dead", "file", "link"]) {
      await host.reaches(id, "running", "healthy");
      expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(200);
    }
    expect(await readFile(join(host.folder, "victim"), "utf8")).toBe(victim);
    expect(await crashReason(host, "folder")).toContain("it could not be started");
    const alive = join(host.runDir, "alive.sock");
    expect(await crashReason(host, "alive")).toContain(`another process listens on ${alive}`);
    expect((await lstat(alive)).isSocket()).toBe(true);
    await new Promise((resolve) => listener.close(resolve));
  });

  test("a run folder of the greatest length: ids of 64 characters work, in both versions", async () => {
    const ids = [`${"a".repeat(63)}1`, `${"a".repeat(63)}2`] as const;
    const runDir = (host: TestHost) => join(host.folder, "r".repeat(LONGEST_RUN_DIR - host.folder.length - 1));
    await using host = await startIn(runDir, async (host) => {
      await host.install("v2", ids[0]);
      await host.install("v1-strict", ids[1]);
    });
    for (const id of ids) {
      await host.reaches(id, "running", "healthy");
      expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(200);
    }
    const sockets = (await readdir(runDir(host))).filter((name) => /^[0-9a-f]{12}\.sock$/.test(name));
    expect(sockets).toHaveLength(2);
  });

  test("a run folder one byte longer is refused in words, before anything starts", async () => {
    const runDir = (host: TestHost) => join(host.folder, "r".repeat(LONGEST_RUN_DIR - host.folder.length));
    await using host = await startIn(runDir, (host) => host.install("v2", "acme"), false);
    expect(await host.exited()).toBe(1);
    expect(host.output).toContain("1 bytes too long for Unix sockets");
    expect(host.output).toContain("TORU_RUN_DIR");
    expect(await readdir(host.folder)).toEqual(["plugins"]);
  });
});

/** A host whose run folder depends on where its other folders are. */
async function startIn(
  runDir: (host: TestHost) => string,
  prepare: (host: TestHost) => Promise<void>,
  ready = true,
): Promise<TestHost> {
  const env: Record<string, string> = {};
  return TestHost.start({
    env,
    ready,
    prepare: async (host) => {
      env["TORU_RUN_DIR"] = runDir(host);
      await prepare(host);
    },
  });
}

test("a crowd of plugins that compute for a while before they listen starts a few at a time, so that each has time enough", async () => {
  const computing = QUICK_PLUGIN.replace(
    "import _socket",
    "import time\nwhile time.process_time() < 0.2: pass\nimport _socket",
  );
  const processors = availableParallelism();
  const count = 12 * processors;
  await using host = await TestHost.start({
    prepare: async (made) => {
      for (let number = 0; number < count; number++) await made.installText(`busy-${number}.binary`, computing);
    },
  });
  await until("all run", async () => {
    const found = await host.plugins();
    return found.length === count && found.every(({ status }) => status === "running");
  });
  const starting = new Set<string>();
  let most = 0;
  for (const { plugin, fields } of await host.log("plugin-supervisor.log")) {
    const { event, status } = (fields ?? {}) as { event?: string; status?: string };
    expect(status).not.toBe("backoff");
    if (event === "spawn") starting.add(String(plugin));
    if (status === "running") starting.delete(String(plugin));
    most = Math.max(most, starting.size);
  }
  // Two a processor, and those that only wait for the host's next step.
  expect(most).toBeLessThanOrEqual(5 * processors);
});
