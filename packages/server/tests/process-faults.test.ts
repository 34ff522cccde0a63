import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { InstalledPlugin } from "@toru/http-api";
import { isRunning, untilGone } from "./support/is-running.ts";
import { storedEvents, supervisorLines } from "./support/plugin-history.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const STOP_GRACE_MS = 300;
const TERMINATE_GRACE_MS = 2_000;

let host: TestHost;

/** Plugins that crash stay down, so that what is shown of them holds still. */
beforeAll(async () => {
  host = await TestHost.start({
    env: {
      TORU_BACKOFF_BASE_MS: "600000",
      TORU_STOP_GRACE_MS: String(STOP_GRACE_MS),
      TORU_REQUEST_TIMEOUT_MS: "3000",
      TORU_HEALTH_INTERVAL_MS: "1000",
    },
    prepare: (host) => host.install("v2", "bystander"),
  });
});

afterAll(async () => {
  expect(host.hasExited).toBe(false);
  expect(await host.plugin("bystander")).toMatchObject({ status: "running", restarts: 0, crash: null });
  await host[Symbol.asyncDispose]();
});

type CrashBody = NonNullable<InstalledPlugin["crash"]>;

async function running(id: string, behaviour: Record<string, unknown> = {}): Promise<InstalledPlugin> {
  await host.install("v2", id, behaviour);
  return host.reaches(id, "running", "healthy");
}

async function crashOf(id: string): Promise<CrashBody> {
  return (
    (
      await until(`${id} has crashed`, async () => {
        const plugin = await host.plugin(id);
        return plugin?.status === "backoff" ? plugin : null;
      })
    ).crash ?? expect.unreachable("a plugin in backoff has a crash")
  );
}

/** What the supervisor did to a plugin that has ended: its actions, signals by their name, and how it exited. */
async function actsUntilExit(id: string): Promise<{ acts: string[]; exit: Record<string, unknown> }> {
  return until(`the end of ${id} is in the log`, async () => {
    const fields = (await supervisorLines(host, id)).map(({ fields }) => fields);
    const end = fields.findIndex(({ event }) => event === "exit");
    const acts = fields.slice(0, end).map(({ event, signal }) => String(signal ?? event));
    return end === -1 ? null : { acts, exit: fields[end] ?? {} };
  });
}

async function fork(id: string, query = ""): Promise<number> {
  const { pid } = await host.json<{ pid: number }>(`/plugins/${id}/fork${query}`);
  expect(await isRunning(pid)).toBe(true);
  return pid;
}

describe.concurrent("Plugin Supervision: crash reports", () => {
  test("exits at once: the code is shown, stored and logged", async () => {
    await host.install("v2", "at-once", { behaviour: "exit-at-once", code: 4 });
    const crash = await crashOf("at-once");
    expect(crash).toMatchObject({ code: 4, signal: null, reason: "exited with code 4" });
    const events = await until("the event is stored", async () => {
      const found = await storedEvents(host, "at-once");
      return found.length > 0 && found;
    });
    expect(events[0]).toMatchObject({ event_type: "crashed", details: { code: 4, crashes: 1 } });
    expect((await actsUntilExit("at-once")).exit).toMatchObject({ code: 4, reason: "exited with code 4" });
  });

  test("exits with code 0 without being asked: a crash all the same", async () => {
    await host.install("v2", "zero", { behaviour: "exit-zero" });
    const crash = await crashOf("zero");
    expect(crash).toMatchObject({ code: 0, reason: "exited with code 0 although nobody asked it to stop" });
  });

  for (const [name, number, words] of [
    ["SIGKILL", 9, "memory ran out"],
    ["SIGSEGV", 11, "memory that is not its own"],
    ["SIGABRT", 6, "aborted itself"],
  ] as const) {
    test(`killed by ${name}: the request in flight gets 502, the report names the signal and what it means`, async () => {
      const id = name.toLowerCase();
      await running(id);
      expect((await host.fetch(`/plugins/${id}/signal?n=${number}`)).status).toBe(502);
      const crash = await crashOf(id);
      expect(crash).toMatchObject({ code: null, signal: name });
      expect(crash.reason).toContain(`killed by ${name}`);
      expect(crash.reason).toContain(words);
      expect(crash.uptime_ms).toBeGreaterThan(0);
    });
  }

  test("a running plugin that exits with a code keeps its uptime and its last words", async () => {
    await running("last-words");
    await host.fetch("/plugins/last-words/stderr?text=going+down&lines=3");
    expect((await host.fetch("/plugins/last-words/crash?code=7")).status).toBe(502);
    const crash = await crashOf("last-words");
    expect(crash).toMatchObject({ code: 7, output: ["going down", "going down", "going down"] });
    expect((await host.fetch("/plugins/last-words/x")).status).toBe(503);
  });

  test("prints 50,000 lines and dies: the report has the last 50, the log has all", async () => {
    await host.install("v2", "noisy", { behaviour: "noisy", lines: 50_000, code: 5 });
    const crash = await crashOf("noisy");
    expect(crash.code).toBe(5);
    expect(crash.output).toHaveLength(50);
    expect(crash.output.at(-1)).toMatch(/^noisy line 4999[89]$/);
    const total = async () => (await host.json<{ total: number }>("/api/plugins/noisy/logs?page_size=1")).total;
    await until("all lines are in the log", async () => (await total()) === 50_000);
  });

  test("hangs: the client gets 504, and the plugin goes on", async () => {
    await running("hangs");
    const response = await host.fetch("/plugins/hangs/hang");
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ status: 504, plugin: "hangs" });
    expect((await host.fetch("/plugins/hangs/x")).status).toBe(200);
    expect((await host.plugin("hangs"))?.restarts).toBe(0);
  });

  test("stopped by SIGSTOP: unhealthy at the first miss, a crash at the third", async () => {
    const { pid } = await running("sigstop");
    process.kill(pid ?? 0, "SIGSTOP");
    await host.reaches("sigstop", "running", "unhealthy");
    const crash = await crashOf("sigstop");
    expect(crash.reason).toContain("no answer to a ping");
    expect(await isRunning(pid ?? 0)).toBe(false);
  });
});

describe.concurrent("Plugin Lifecycle: stop", () => {
  test("a plugin that ends when it is told to gets no signal", async () => {
    const { pid } = await running("obeys");
    expect((await host.post("/api/plugins/obeys/disable")).status).toBe(200);
    await host.reaches("obeys", "disabled");
    expect(await isRunning(pid ?? 0)).toBe(false);
    const { acts, exit } = await actsUntilExit("obeys");
    expect(acts.slice(acts.indexOf("shutdown"))).toEqual(["shutdown"]);
    expect(exit).toMatchObject({ code: 0, signal: null });
  });

  test("one that ignores shutdown and SIGTERM is killed after both graces, and that is no crash", async () => {
    const { pid } = await running("ignores", { behaviour: "ignore-sigterm" });
    const before = performance.now();
    await host.post("/api/plugins/ignores/disable");
    const stopped = await host.reaches("ignores", "disabled");
    expect(performance.now() - before).toBeGreaterThanOrEqual(STOP_GRACE_MS + TERMINATE_GRACE_MS - 50);
    expect(await isRunning(pid ?? 0)).toBe(false);
    expect(stopped).toMatchObject({ crashes: 0, crash: null });
    const { acts, exit } = await actsUntilExit("ignores");
    expect(acts.slice(acts.indexOf("shutdown"))).toEqual(["shutdown", "SIGTERM", "SIGKILL"]);
    expect(exit).toMatchObject({ signal: "SIGKILL" });
  });

  test("a plugin that still starts is stopped by SIGTERM at once", async () => {
    await host.install("v2", "starts", { behaviour: "never-bind" });
    const { pid } = await until("it has a process", async () => {
      const plugin = await host.plugin("starts");
      return plugin?.status === "starting" && plugin.pid !== null ? plugin : null;
    });
    await host.post("/api/plugins/starts/disable");
    await host.reaches("starts", "disabled");
    expect(await isRunning(pid ?? 0)).toBe(false);
    expect((await actsUntilExit("starts")).exit).toMatchObject({ signal: "SIGTERM" });
  });

  for (const [what, query] of [
    ["with the plugin's pipes open", ""],
    ["with nothing of the plugin's open", "?close=1"],
  ] as const) {
    const name = query === "" ? "holds" : "closes";
    test(`a child in a session of its own, ${what}, is gone after disable`, async () => {
      await running(`${name}-disable`);
      const child = await fork(`${name}-disable`, query);
      await host.post(`/api/plugins/${name}-disable/disable`);
      await host.reaches(`${name}-disable`, "disabled");
      await untilGone(child);
    });

    test(`a child in a session of its own, ${what}, is gone after a crash`, async () => {
      await running(`${name}-crash`);
      const child = await fork(`${name}-crash`, query);
      await host.fetch(`/plugins/${name}-crash/crash`);
      await crashOf(`${name}-crash`);
      await untilGone(child);
    });
  }
});
