import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRunning, untilGone } from "./support/is-running.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

/** How long plugins may outlive a host that was killed, in milliseconds. */
const DEATH_MS = 2_000;

async function fork(host: TestHost, id: string, query: string): Promise<number> {
  return (await host.json<{ pid: number }>(`/plugins/${id}/fork${query}`)).pid;
}

/** The process of a `--metadata` run that hangs. */
function metadataRun(host: TestHost, file: string): Promise<number> {
  return until(`the metadata run of ${file}`, async () => {
    for (const pid of await host.processes()) {
      const command = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
      if (command.includes(`${file}\0--metadata`)) return pid;
    }
    return null;
  });
}

async function pids(host: TestHost, ids: readonly string[]): Promise<number[]> {
  return Promise.all(ids.map(async (id) => (await host.reaches(id, "running", "healthy")).pid ?? 0));
}

async function writeConfig(host: TestHost, text: string): Promise<void> {
  await mkdir(join(host.pluginsDir, ".metadata"), { recursive: true });
  await writeFile(join(host.pluginsDir, ".metadata", "config.json"), text);
}

describe("The host is killed with SIGKILL", () => {
  test("its plugins end with it; the next start ends what had left them, takes the folders over and serves", async () => {
    const ids = ["plain", "deaf-to-stdin", "old"] as const;
    await using first = await TestHost.start({
      prepare: async (host) => {
        await host.install("v2", "plain");
        await host.install("v2", "deaf-to-stdin", { ignore_stdin: true });
        await host.install("v1-strict", "old");
      },
    });
    const plugins = await pids(first, ids);
    const children = [await fork(first, "plain", ""), await fork(first, "deaf-to-stdin", "?close=1")];
    await first.json("/plugins/plain/kv/set?key=kept&value=by+the+plugin");
    await first.install("v2", "hangs", { behaviour: "metadata-hangs" });
    const metadata = await metadataRun(first, "hangs.binary");

    first.signal("SIGKILL");
    await first.exited();
    await Promise.all(plugins.map((pid) => untilGone(pid, DEATH_MS)));
    expect(await Promise.all(children.map(isRunning))).toEqual([true, true]);

    await using second = await first.again();
    await Promise.all([...children, metadata].map((pid) => untilGone(pid)));
    const again = await pids(second, ids);
    expect(again.some((pid) => plugins.includes(pid))).toBe(false);
    for (const id of ids) expect((await second.fetch(`/plugins/${id}/x`)).status).toBe(200);
    expect(await second.json("/plugins/plain/kv/get?key=kept")).toEqual({ value: "by the plugin" });
    const log = await second.log("plugin-supervisor.log");
    const killed = log.find(({ message }) => message === "killed processes of an earlier run");
    expect(killed?.["fields"]).toEqual({ pids: expect.arrayContaining(children) });
  });

  test("in the middle of writes: every value that was acknowledged is there", async () => {
    await using first = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    await first.reaches("acme", "running", "healthy");
    const acknowledged: number[] = [];
    const write = async (from: number) => {
      for (let number = from; ; number += 4) {
        const body = { action: "set", key: `key-${number}`, value: `value-${number}` };
        const response = await first.post("/api/plugins/acme/kv", body).catch(() => null);
        if (response?.status !== 200) return;
        acknowledged.push(number);
      }
    };
    const writers = [0, 1, 2, 3].map(write);
    await until("some values are acknowledged", () => acknowledged.length > 40);
    first.signal("SIGKILL");
    await Promise.all([first.exited(), ...writers]);

    await using second = await first.again();
    await second.reaches("acme", "running");
    for (const number of acknowledged) {
      const response = await second.post("/api/plugins/acme/kv", { action: "get", key: `key-${number}` });
      expect(await response.json()).toEqual({ value: `value-${number}` });
    }
  });
});

describe("A second host on the folders of a running one", () => {
  test("is refused with the name of the folder and what to do, and the first is unharmed", async () => {
    await using host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    const { pid } = await host.reaches("acme", "running", "healthy");
    const sameData = await host.command("serve", "--run-dir", join(host.folder, "run-2"));
    expect(sameData).toMatchObject({ code: 1, stdout: "" });
    expect(sameData.stderr).toContain(`another Toru host is running on the data folder ${host.dataDir}`);
    expect(sameData.stderr).toContain("TORU_DATA_DIR");
    const sameRun = await host.command("serve", "--data-dir", join(host.folder, "data-2"));
    expect(sameRun).toMatchObject({ code: 1, stdout: "" });
    expect(sameRun.stderr).toContain(`another Toru host is running on the run folder ${host.runDir}`);
    expect(sameRun.stderr).toContain("TORU_RUN_DIR");
    expect((await host.fetch("/plugins/acme/x")).status).toBe(200);
    expect(await host.plugin("acme")).toMatchObject({ pid, restarts: 0 });
    expect((await host.command("plugins", "list")).code).toBe(0);
  });
});

describe("Plugin Lifecycle: the stored enabled state", () => {
  test("a broken config.json is set aside as it was, loudly, and the plugins run", async () => {
    const broken = '{"plugins": {"acme": fal';
    await using host = await TestHost.start({
      prepare: async (host) => {
        await writeConfig(host, broken);
        await host.install("v2", "acme");
      },
    });
    await host.reaches("acme", "running", "healthy");
    const folder = join(host.pluginsDir, ".metadata");
    const [aside = "", ...others] = await readdir(folder);
    expect(aside).toStartWith("config.json.broken-");
    expect(others).toEqual([]);
    const errors = (await host.log("plugin-supervisor.log")).filter(({ level }) => level === "error");
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining(join(folder, aside))]);
    await host.post("/api/plugins/acme/disable");
    expect(await readFile(join(folder, aside), "utf8")).toBe(broken);
    expect(JSON.parse(await readFile(join(folder, "config.json"), "utf8"))).toEqual({ plugins: { acme: false } });
  });

  test("keys that the host does not know survive its own changes and a restart", async () => {
    const config = { comment: "by hand", plugins: { "not-installed": false, acme: false }, more: [1] };
    await using first = await TestHost.start({
      prepare: async (host) => {
        await writeConfig(host, JSON.stringify(config));
        await host.install("v2", "acme");
      },
    });
    await first.reaches("acme", "disabled");
    await first.post("/api/plugins/acme/enable");
    await first.reaches("acme", "running");
    await first.stop();
    await using second = await first.again();
    await second.reaches("acme", "running");
    const stored: unknown = JSON.parse(await readFile(join(second.pluginsDir, ".metadata", "config.json"), "utf8"));
    expect(stored).toEqual({ ...config, plugins: { "not-installed": false, acme: true } });
  });
});

describe("The host is stopped with SIGTERM", () => {
  test("requests in flight get their answers, the exit code is 0, and nothing is left", async () => {
    await using host = await TestHost.start({ prepare: (host) => host.install("v2", "acme") });
    await host.reaches("acme", "running", "healthy");
    const answers = Array.from({ length: 5 }, () => host.fetch("/plugins/acme/sleep?ms=1000"));
    await until("the plugin has the requests", async () => {
      const metrics = await (await host.fetch("/metrics")).text();
      return metrics.includes('toru_plugin_requests_total{plugin="acme"} 5\n');
    });
    expect(await host.stop()).toBe(0);
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBe(200);
      expect(((await answer.json()) as { path: string }).path).toBe("/acme/sleep?ms=1000");
    }
    expect(await host.processes()).toEqual([]);
    expect((await readdir(host.runDir)).filter((name) => name.endsWith(".sock") || name.startsWith("."))).toEqual([]);
    const actions = (await host.log("plugin-supervisor.log")).filter(({ plugin }) => plugin === "acme");
    expect(actions.map(({ fields }) => (fields as { event?: string }).event)).not.toContain("kill");
  });

  test("with plugins that do not want to end, a child that left and a metadata run that hangs: the same", async () => {
    await using host = await TestHost.start({
      env: { TORU_STOP_GRACE_MS: "200" },
      prepare: async (host) => {
        await host.install("v2", "stubborn", { behaviour: "ignore-sigterm" });
        await host.install("v2", "parent");
        await host.install("v2", "starting", { behaviour: "never-bind" });
        await host.install("v2", "crashing", { behaviour: "exit-at-once" });
      },
    });
    const running = await pids(host, ["stubborn", "parent"]);
    const child = await fork(host, "parent", "");
    await host.install("v2", "hangs", { behaviour: "metadata-hangs" });
    const metadata = await metadataRun(host, "hangs.binary");
    expect(await host.stop()).toBe(0);
    expect(await Promise.all([...running, child, metadata].map(isRunning))).toEqual([false, false, false, false]);
    expect(await host.processes()).toEqual([]);
  });
});
