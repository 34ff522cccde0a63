import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { untilGone } from "./support/is-running.ts";
import { supervisorLines } from "./support/plugin-history.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

/** A number that no account of the machine has: what the kernel counts for it is the plugin's alone. */
const UID = 59_123;
const MEMORY_MIB = 96;
const PROCESSES = 24;

const PLUGINS = {
  own: { user: String(UID) },
  greedy: { limits: { memory_mib: MEMORY_MIB } },
  forks: { user: String(UID + 1), limits: { processes: PROCESSES } },
  burns: { limits: { cpu_seconds: 1 } },
  half: { limits: { cpu_percent: 50 } },
  nobody: { user: "no-such-user-here" },
  mistaken: { enabled: true, limits: { memory: 5 } },
};

/** CI runs as root; elsewhere the rest of the project is tested all the same. */
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("stranger-faults.test.ts: SKIPPED, for only root can give plugins users of their own");

describe.skipIf(!isRoot)("A plugin that tries what it must not", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: { TORU_BACKOFF_BASE_MS: "600000", TORU_STOP_GRACE_MS: "500" },
      prepare: async (host) => {
        await chmod(host.folder, 0o711); // as the folders of a real host are: others may pass
        await mkdir(join(host.pluginsDir, ".metadata"), { recursive: true });
        await writeFile(join(host.pluginsDir, ".metadata/config.json"), JSON.stringify({ plugins: PLUGINS }));
        for (const id of [...Object.keys(PLUGINS), "neighbour", "leaver"]) await host.install("v2", id);
        for (const id of ["own", "neighbour"]) await chmod(join(host.pluginsDir, `${id}.fixture.json`), 0o644);
      },
    });
    for (const id of ["own", "greedy", "forks", "burns", "half", "neighbour", "leaver"]) {
      await host.reaches(id, "running", "healthy");
    }
  });

  afterAll(async () => {
    expect(host.hasExited).toBe(false);
    expect(await host.plugin("neighbour")).toMatchObject({ status: "running", restarts: 0, crash: null });
    await host[Symbol.asyncDispose]();
  });

  function run(id: string, code: string): Promise<unknown> {
    return host.json(`/plugins/${id}/python?code=${encodeURIComponent(code)}`);
  }

  const open = (path: string) => `open(${JSON.stringify(path)}).read(1)`;
  const connect = (path: string) => `__import__("socket").socket(1).connect(${JSON.stringify(path)})`;
  const raised = { raised: "PermissionError" };

  test("with a user of its own: it is that user, in no group, and can become no other", async () => {
    expect(
      await run(
        "own",
        `[os.getuid(), os.geteuid(), os.getgid(), os.getgroups()]`.replaceAll("os.", '__import__("os").'),
      ),
    ).toEqual({ value: [UID, UID, UID, []] });
    const status = await run("own", 'open("/proc/self/status").read()');
    expect((status as { value: string }).value).toMatch(/^NoNewPrivs:\s+1$/m);
    expect((status as { value: string }).value).toMatch(/^CapEff:\s+0+$/m);
    expect(await run("own", '__import__("os").setuid(0)')).toEqual(raised);
  });

  test("with a user of its own: the host's files, sockets and processes are closed to it, its own folder is not", async () => {
    for (const path of [
      join(host.dataDir, "toru.db"),
      join(host.dataDir, "instance-id"),
      join(host.dataDir, "toru.lock"),
    ]) {
      expect(await run("own", open(path))).toEqual(raised);
    }
    for (const folder of [
      host.dataDir,
      host.runDir,
      join(host.dataDir, "plugins"),
      join(host.dataDir, "plugins/neighbour"),
    ]) {
      expect(await run("own", `__import__("os").listdir(${JSON.stringify(folder)})`)).toEqual(raised);
    }
    expect(await run("own", connect(join(host.runDir, ".control.sock")))).toEqual(raised);
    expect(await run("own", connect(join(host.runDir, "neighbour.sock")))).toEqual(raised);
    expect(await run("own", `open(${JSON.stringify(join(host.pluginsDir, "neighbour.binary"))}, "a")`)).toEqual(raised);
    expect(await run("own", `__import__("os").kill(${host.pid}, 9)`)).toEqual(raised);
    expect(await run("own", open(`/proc/${host.pid}/environ`))).toEqual(raised);
    expect(await run("own", 'open("kept", "w").write("yes")')).toEqual({ value: 3 });
    expect((await stat(join(host.dataDir, "plugins/own/kept"))).uid).toBe(UID);
    expect((await stat(join(host.dataDir, "plugins/own"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(host.runDir, "own"))).mode & 0o777).toBe(0o700);
    expect(await run("own", 'open("/dev/stderr", "w").write("told")')).toEqual({ value: 4 });
  });

  test("a user that does not exist, a mistake in the settings: the plugin does not run at all, and it says why", async () => {
    expect(await host.invalid("nobody.binary")).toContain("there is no such user on this machine");
    const reason = await host.invalid("mistaken.binary");
    expect(reason).toContain("limits.memory is none of memory_mib, processes, cpu_percent, cpu_seconds");
    expect(await readdir(join(host.dataDir, "plugins"))).not.toContain("mistaken");
  });

  test("memory: what is over its limit is not to be had, and the plugin is ended or told so", async () => {
    const answer = await host.fetch(`/plugins/greedy/python?code=len(bytearray(${MEMORY_MIB * 2 ** 20}))`);
    if (answer.status === 200) expect(await answer.json()).toEqual({ raised: "MemoryError" });
    else expect((await host.reaches("greedy", "backoff")).crash?.reason).toContain("out of memory");
  });

  test("processes: it gets no more than its limit", async () => {
    const sleeper = '__import__("subprocess").Popen(["sleep", "1000"])';
    expect(await run("forks", `[${sleeper}.pid for _ in range(${PROCESSES * 2})]`)).toEqual({
      raised: "BlockingIOError",
    });
    expect((await host.processes()).length).toBeLessThan(PROCESSES + 20);
    await host.post("/api/plugins/forks/disable");
    await host.reaches("forks", "disabled");
  });

  test("CPU time: a process that has used its own up is ended, and the report says so", async () => {
    void run("burns", "[0 for _ in iter(int, 1)]").catch(() => null);
    expect((await host.reaches("burns", "backoff")).crash?.reason).toContain(
      "it used up the CPU time that its settings allow",
    );
  });

  test("a share of the CPU is kept by a cgroup, or the log says that nothing here can keep it", async () => {
    const own = await run("half", 'open("/proc/self/cgroup").read()');
    const path = /^0::(.*)$/m.exec((own as { value: string }).value)?.[1] ?? "";
    const max = await Bun.file(join("/sys/fs/cgroup", path, "cpu.max"))
      .text()
      .catch(() => null);
    if (max !== null) return expect(max).toBe("50000 100000\n");
    await until("the log says so", async () =>
      (await supervisorLines(host, "half")).some(({ message }) =>
        message.includes("can keep its limit of cpu_percent"),
      ),
    );
  });

  test("a child in a session of its own that has thrown the host's mark away ends with the plugin", async () => {
    const cgroup = await run("leaver", 'open("/proc/self/cgroup").read()');
    if (!(cgroup as { value: string }).value.includes("/toru-")) {
      return console.warn(
        "SKIPPED: this machine lets the host make no cgroup, and the mark is all that such a child is known by",
      );
    }
    const child = '__import__("subprocess").Popen(["sleep", "1000"], env={}, start_new_session=True).pid';
    const { value } = (await run("leaver", child)) as { value: number };
    await host.post("/api/plugins/leaver/disable");
    await host.reaches("leaver", "disabled");
    await untilGone(value);
  });
});
