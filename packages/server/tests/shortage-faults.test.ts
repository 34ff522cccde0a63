import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { storedEvents, supervisorLines } from "./support/plugin-history.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const CRASHES_PER_HOUR = 4;
/** What everybody else has: the limit that the host starts with. */
const USUAL_FILES = 4096;
const LOWEST_FILES = 8;
/** Where cgroups of version 1 limit memory; those of version 2 are tested with the limits that the host sets itself. */
const MEMORY_CGROUPS = "/sys/fs/cgroup/memory";
const canLimitMemory = process.getuid?.() === 0 && existsSync(join(MEMORY_CGROUPS, "memory.limit_in_bytes"));

let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    env: { TORU_CRASHES_PER_HOUR: String(CRASHES_PER_HOUR), TORU_STABLE_AFTER_MS: "1" },
    prepare: async (host) => {
      for (const id of ["starved", "hungry", "bystander"]) await host.install("v2", id);
      await host.install("v1-direct", "old");
      await host.install("v2", "flapper", { behaviour: "crash-after", ms: 200 });
      await symlink(
        Bun.which("python3", { PATH: host.environment["PATH"] ?? "" }) ?? "",
        join(host.folder, "interpreter"),
      );
      const text = await Bun.file(join(import.meta.dir, "plugins/v2.py")).text();
      await host.installText("script.binary", text.replace(/^#!.*/, `#!${join(host.folder, "interpreter")}`));
    },
  });
  for (const id of ["starved", "hungry", "bystander", "script", "old"]) await host.reaches(id, "running", "healthy");
});

afterAll(async () => {
  expect(host.hasExited).toBe(false);
  expect(await host.plugin("bystander")).toMatchObject({ status: "running", restarts: 0, crash: null });
  await host[Symbol.asyncDispose]();
});

/** What the host may have from here on, as `prlimit` takes it. */
function limit(resource: string): void {
  expect(Bun.spawnSync(["prlimit", `--pid=${host.pid}`, `--${resource}`]).exitCode).toBe(0);
}

/** How many files the host may have open from here on. */
function allowFiles(count: number): void {
  limit(`nofile=${count}:${USUAL_FILES}`);
}

describe("Plugin Supervision: more than a count of crashes in a row", () => {
  test("a slow flapper, healthy between its crashes: so many within an hour disable it, in words and in events", async () => {
    const plugin = await host.reaches("flapper", "failed");
    const why = `crashed ${CRASHES_PER_HOUR} times within an hour`;
    expect(plugin).toMatchObject({ enabled: false, crashes: 1, health_reason: expect.stringContaining(why) });
    const disabled = await until("the event is stored", async () =>
      (await storedEvents(host, "flapper")).find(({ event_type }) => event_type === "disabled"),
    );
    expect(disabled.details).toEqual({ reason: why });
    await until("the log says so", async () =>
      (await supervisorLines(host, "flapper")).some(({ message }) => message === `disabled: it ${why}`),
    );
  });

  test("its interpreter goes while it runs: one try, and then it is disabled with the system's code", async () => {
    const { pid } = await host.reaches("script", "running");
    const interpreter = join(host.folder, "interpreter");
    await rm(interpreter);
    process.kill(pid ?? 0, "SIGKILL");
    const { crash, health_reason } = await host.reaches("script", "failed");
    expect(crash?.reason).toContain(`cannot be run (ENOENT: its interpreter ${interpreter} does not exist`);
    expect(health_reason).toContain("ENOENT");
    const crashes = (await storedEvents(host, "script")).filter(({ event_type }) => event_type === "crashed");
    expect(crashes.map(({ details }) => details["signal"])).toEqual(["SIGKILL", null]);
    await symlink(Bun.which("python3", { PATH: host.environment["PATH"] ?? "" }) ?? "", interpreter);
    expect((await host.post("/api/plugins/script/enable")).status).toBe(200);
    await host.reaches("script", "running", "healthy");
  });
});

describe("The host is short of something", () => {
  test("files: a plugin that cannot be started is tried again and again, and that counts as no crash", async () => {
    const { pid } = await host.reaches("starved", "running");
    allowFiles(LOWEST_FILES); // what is open already stays open
    process.kill(pid ?? 0, "SIGKILL");
    const tries = async () => {
      const lines = await supervisorLines(host, "starved");
      return lines.filter(({ message }) => message === "not started, waiting to try again");
    };
    const seen = await until("it was tried more often than a crash would be", async () => {
      const seen = await tries();
      return seen.length > 2 * CRASHES_PER_HOUR && seen;
    });
    allowFiles(USUAL_FILES);
    expect(seen[0]?.fields["reason"]).toContain("EMFILE");
    const plugin = await host.reaches("starved", "running", "healthy");
    expect(plugin).toMatchObject({ enabled: true });
    const crashed = (await storedEvents(host, "starved")).filter(({ event_type }) => event_type === "crashed");
    expect(crashed).toHaveLength(1);
    expect((await host.fetch("/plugins/starved/x")).status).toBe(200);
  });

  test("writes fail: a value is refused in words, all else goes on, and values are stored again afterwards", async () => {
    const set = () => host.post("/api/plugins/bystander/kv", { action: "set", key: "key", value: "value" });
    limit("fsize=0:unlimited"); // each write to a file is an I/O error
    const refused = await set();
    const paths = ["/", "/healthz", "/api/plugins", "/plugins/bystander/x"];
    const statuses = await Promise.all(paths.map(async (path) => (await host.fetch(path)).status));
    limit("fsize=unlimited");
    expect(refused.status).toBe(503);
    const detail = expect.stringContaining("Check the disk");
    expect(await refused.json()).toMatchObject({ type: "/problems/storage-failed", detail });
    expect(statuses).toEqual([200, 200, 200, 200]);
    expect((await set()).status).toBe(200);
  });
});

describe.skipIf(!canLimitMemory)("The machine is short of memory", () => {
  test("a plugin that the kernel kills for it: the report says so, and not that somebody may have done it", async () => {
    const { pid } = await host.reaches("hungry", "running");
    const cgroup = join(MEMORY_CGROUPS, `toru-test-${process.pid}`);
    await mkdir(cgroup);
    await writeFile(join(cgroup, "memory.limit_in_bytes"), String(64 * 2 ** 20));
    await writeFile(join(cgroup, "cgroup.procs"), String(pid));
    expect((await host.fetch(`/plugins/hungry/python?code=len(bytearray(${200 * 2 ** 20}))`)).status).toBe(502);
    const { crash } = await until("it runs again", async () => {
      const plugin = await host.plugin("hungry");
      return plugin?.status === "running" && plugin.restarts === 1 && plugin;
    });
    await rmdir(cgroup);
    expect(crash).toMatchObject({ signal: "SIGKILL", reason: "out of memory: the kernel killed it to free some" });
  });
});

describe("Folders that cannot be written", () => {
  test.each([
    ["TORU_DATA_DIR", "cannot write to the data folder"],
    ["TORU_RUN_DIR", "cannot write to the run folder"],
  ])("%s: the host says which, and starts nothing", async (setting, words) => {
    await using refused = await TestHost.start({ ready: false, env: { [setting]: "/sys/kernel" } });
    expect(await refused.exited()).toBe(1);
    expect(refused.output).toContain(`${words} /sys/kernel`);
    expect(refused.output).not.toContain("    at ");
  });

  test("where a choice would be saved: it is refused, and nothing has changed", async () => {
    const folder = join(host.pluginsDir, ".metadata");
    await rm(folder, { recursive: true, force: true });
    await writeFile(folder, "in the place of the folder");
    const refused = await host.post("/api/plugins/bystander/disable");
    expect(refused.status).toBe(500);
    expect(((await refused.json()) as { detail: string }).detail).toContain(
      "could not be saved, so nothing was changed",
    );
    expect(await host.plugin("bystander")).toMatchObject({ enabled: true, status: "running" });
    await rm(folder);
  });
});

describe("The run folder is swept away while the host runs", () => {
  test("plugins are reached again within 15 s, so are commands, and no second host gets in", async () => {
    const before = performance.now();
    await rm(host.runDir, { recursive: true });
    await until("commands reach the host", async () => (await host.command("plugins", "list")).code === 0);
    await until("version 1 answers", async () => (await host.fetch("/plugins/old/x")).status === 200);
    expect(performance.now() - before).toBeLessThan(15_000);
    expect((await host.plugin("old"))?.crash?.reason).toBe("its socket was removed from the run folder");
    expect((await host.fetch("/plugins/bystander/x")).status).toBe(200);
    const second = await host.command("serve", "--data-dir", join(host.folder, "data-2"));
    expect(second.stderr).toContain(`another Toru host is running on the run folder ${host.runDir}`);
  });
});
