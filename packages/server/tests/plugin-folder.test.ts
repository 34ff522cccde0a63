import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./support/eventually.ts";
import { supervisorActions, supervisorLines } from "./support/plugin-history.ts";
import { exists, TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const FIRST_VERSION = { metadata: { version: "1.0.0" } };
const NEW_VERSION = { metadata: { version: "2.0.0" } };

describe("Plugin Lifecycle: files that change while the host runs", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({ env: { TORU_HEALTH_INTERVAL_MS: "3000" } });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  async function runs(id: string, version: string): Promise<{ pid: number | null; problem: string | null }> {
    return until(`${id} runs in version ${version}`, async () => {
      const plugin = await host.plugin(id);
      return plugin?.status === "running" && plugin.version === version ? plugin : null;
    });
  }

  test.each(["v1-strict", "v1-direct", "v2"] as const)(
    "New file: a %s plugin is taken up and started",
    async (fixture) => {
      const id = `new-${fixture}`;
      expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(404);
      await host.install(fixture, id);
      await host.reaches(id, "running", "healthy");
      expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(200);
    },
  );

  test("New file: one that is still being written is not run before it is whole", async () => {
    await host.install("v2", "slow");
    await rm(join(host.pluginsDir, "slow.binary"));
    const text = await Bun.file(join(import.meta.dir, "plugins", "v2.py")).text();
    const whole = await until("the plugin before is gone", async () =>
      (await host.plugin("slow")) === null ? text : null,
    );
    const writer = Bun.file(join(host.pluginsDir, "slow.binary")).writer();
    await Bun.$`chmod 755 ${join(host.pluginsDir, "slow.binary")}`.quiet();
    for (let offset = 0; offset < whole.length; offset += 4096) {
      await writer.write(whole.slice(offset, offset + 4096));
      await writer.flush();
      await Bun.sleep(20);
    }
    await writer.end();
    await host.reaches("slow", "running", "healthy");
    const invalid = (await host.log("plugin-supervisor.log")).filter(({ message }) =>
      String(message).includes("slow.binary"),
    );
    expect(invalid.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("Changed file: the new version replaces the old one, orderly", async () => {
    await host.install("v2", "changes", FIRST_VERSION);
    const { pid } = await runs("changes", "1.0.0");
    await host.install("v2", "changes", NEW_VERSION);
    const later = await runs("changes", "2.0.0");
    expect(later.pid).not.toBe(pid);
    expect(await exists(`/proc/${pid}`)).toBe(false);
    expect((await host.fetch("/plugins/changes/x")).status).toBe(200);
    const actions = ["spawn", "init", "shutdown", "exit", "spawn", "init"];
    await eventually(async () => expect(await supervisorActions(host, "changes")).toEqual(actions));
  });

  test("Changed file: a new route is served, the old one is gone", async () => {
    await host.install("v2", "moves", { route: "/before" });
    await host.reaches("moves", "running");
    await host.install("v2", "moves", { route: "/behind" });
    await until("the new route answers", async () => (await host.fetch("/plugins/behind/x")).status === 200);
    expect((await host.fetch("/plugins/before/x")).status).toBe(404);
  });

  test("Changed file: of a disabled plugin the new version is shown, and not started", async () => {
    await host.install("v2", "asleep", FIRST_VERSION);
    await runs("asleep", "1.0.0");
    expect((await host.post("/api/plugins/asleep/disable")).status).toBe(200);
    await host.reaches("asleep", "disabled");
    await host.install("v2", "asleep", NEW_VERSION);
    const shown = await until("the new version shows", async () => {
      const plugin = await host.plugin("asleep");
      return plugin?.version === "2.0.0" ? plugin : null;
    });
    expect(shown).toMatchObject({ enabled: false, status: "disabled", pid: null });
    expect((await host.post("/api/plugins/asleep/enable")).status).toBe(200);
    await runs("asleep", "2.0.0");
  });

  test("Changed file: where it is no plugin any more the version before runs on and shows the problem", async () => {
    await host.install("v2", "breaks", FIRST_VERSION);
    const { pid, problem } = await runs("breaks", "1.0.0");
    expect(problem).toBeNull();
    await host.installText("breaks.binary", "#!/bin/sh\necho broken update >&2\nexit 5\n");
    const broken = await until("the problem shows", async () => {
      const plugin = await host.plugin("breaks");
      return plugin !== null && plugin.problem !== null ? plugin : null;
    });
    expect(broken).toMatchObject({ status: "running", health: "healthy", pid, version: "1.0.0" });
    expect(broken.problem).toContain("exited with code 5");
    expect(await host.json<{ pid: number }>("/plugins/breaks/pid")).toMatchObject({ pid });
    await host.install("v2", "breaks", NEW_VERSION);
    expect((await runs("breaks", "2.0.0")).problem).toBeNull();
  });

  test("Removed file: the process ends, and the plugin and its routes are gone", async () => {
    await host.install("v2", "leaves");
    const { pid } = await host.reaches("leaves", "running");
    await rm(join(host.pluginsDir, "leaves.binary"));
    await until("it is gone", async () => (await host.fetch("/api/plugins/leaves")).status === 404);
    expect(await host.plugin("leaves")).toBeNull();
    expect((await host.fetch("/plugins/leaves/x")).status).toBe(404);
    expect(await exists(`/proc/${pid}`)).toBe(false);
    expect(await supervisorActions(host, "leaves")).not.toContain("kill");
    await eventually(async () => {
      const messages = (await supervisorLines(host, "leaves")).map(({ message }) => message);
      expect(messages).toContain("file removed");
    });
  });

  test("Removed file: put back, it is as enabled or disabled as it was", async () => {
    await host.install("v2", "returns");
    await host.reaches("returns", "running");
    await host.post("/api/plugins/returns/disable");
    await host.reaches("returns", "disabled");
    const file = join(host.pluginsDir, "returns.binary");
    await rename(file, `${file}.aside`);
    await until("it is gone", async () => (await host.plugin("returns")) === null);
    await rename(`${file}.aside`, file);
    const back = await until("it is back", () => host.plugin("returns"));
    expect(back).toMatchObject({ status: "disabled", enabled: false });
  });

  test("Renamed file: the plugin it is then is taken up, the other is gone", async () => {
    await host.install("v2", "old-name");
    await host.reaches("old-name", "running");
    await rename(join(host.pluginsDir, "old-name.binary"), join(host.pluginsDir, "new-name.binary"));
    await host.reaches("new-name", "running", "healthy");
    await until("the old one is gone", async () => (await host.plugin("old-name")) === null);
  });
});
