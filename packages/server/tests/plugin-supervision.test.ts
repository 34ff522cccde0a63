import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { eventually } from "./support/eventually.ts";
import { storedEvents, storedEventTypes, supervisorActions, supervisorLines } from "./support/plugin-history.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const BASE_MS = 20;
const STABLE_AFTER_MS = 1500;
const CRASH_LIMIT = 10;

describe("Plugin Supervision", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      env: {
        TORU_BACKOFF_BASE_MS: String(BASE_MS),
        TORU_STABLE_AFTER_MS: String(STABLE_AFTER_MS),
        TORU_HEALTH_INTERVAL_MS: "3000",
      },
      prepare: async (host) => {
        await host.install("v2", "unstable", { behaviour: "noisy", lines: 120, code: 7 });
        await host.install("v2", "steady");
        await host.install("v1-strict", "strict");
        await host.install("v1-direct", "direct");
        await host.install("v2", "quits", { behaviour: "exit-zero", until: 1 });
      },
    });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  async function configuredEnabled(id: string): Promise<unknown> {
    const config = (await Bun.file(join(host.pluginsDir, ".metadata", "config.json")).json()) as {
      plugins: Record<string, unknown>;
    };
    return config.plugins[id];
  }

  /** Waits of a plugin before its restarts, as the log of the supervisor has them. */
  async function delays(id: string): Promise<unknown[]> {
    const lines = await supervisorLines(host, id);
    return lines.filter(({ message }) => message === "restart scheduled").map(({ fields }) => fields["delay_ms"]);
  }

  test("Disable unstable plugin: after 10 crashes in a row it is disabled and its routes are gone", async () => {
    const plugin = await host.reaches("unstable", "failed");
    expect(plugin).toMatchObject({ enabled: false, health: "disabled", crashes: CRASH_LIMIT, pid: null });
    expect(plugin.crash).toMatchObject({ code: 7, signal: null, reason: "exited with code 7" });
    expect((await host.fetch("/plugins/unstable/x")).status).toBe(404);
    await eventually(async () => expect(await configuredEnabled("unstable")).toBe(false));
  });

  test("Restart crashed plugin: the waits double from the base to 16 times it, and stay there", async () => {
    const multiples = [1, 2, 4, 8, 16, 16, 16, 16, 16];
    const expected = multiples.map((multiple) => multiple * BASE_MS);
    await eventually(async () => expect(await delays("unstable")).toEqual(expected));
  });

  test("Restart crashed plugin: no wait is shorter than it was said to be", async () => {
    const lines = await supervisorLines(host, "unstable");
    let waits = 0;
    for (const [index, line] of lines.entries()) {
      if (line.message !== "restart scheduled") continue;
      const spawn = lines.slice(index).find(({ fields }) => fields["event"] === "spawn");
      const waited = Date.parse(spawn?.timestamp ?? "") - Date.parse(line.timestamp);
      expect(waited).toBeGreaterThanOrEqual(Number(line.fields["delay_ms"]) - 2); // whole milliseconds, rounded
      waits += 1;
    }
    expect(waits).toBe(CRASH_LIMIT - 1);
  });

  test("Disable unstable plugin: the database has every crash and the end, the supervisor's log a line", async () => {
    const events = await until("the database has the end", async () => {
      const events = await storedEvents(host, "unstable");
      return events.at(-1)?.event_type === "disabled" ? events : null;
    });
    const crashes = events.filter(({ event_type }) => event_type === "crashed");
    expect(crashes.map(({ details }) => details["crashes"])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(crashes[0]?.details).toMatchObject({ code: 7, signal: null, retry_in_ms: BASE_MS });
    expect(events.at(-1)).toMatchObject({
      event_type: "disabled",
      details: { reason: "crashed 10 times in a row", crashes: CRASH_LIMIT },
    });
    const line = await until("the log has the end", async () =>
      (await supervisorLines(host, "unstable")).find(({ fields }) => fields["status"] === "failed"),
    );
    expect(line).toMatchObject({ level: "error", message: "disabled: it crashed 10 times in a row" });
    expect(line.fields).toMatchObject({ event: "state", reason: "exited with code 7", crashes: CRASH_LIMIT });
  });

  test("Disable unstable plugin: enabling it puts the count back to 0 and starts it again", async () => {
    const before = (await delays("unstable")).length;
    const answer = await host.post("/api/plugins/unstable/enable");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ enabled: true, crashes: 0, status: "starting" });
    expect(await configuredEnabled("unstable")).toBe(true);
    const again = await until("it crashed twice again", async () => {
      const later = (await delays("unstable")).slice(before);
      return later.length >= 2 ? later : null;
    });
    expect(again.slice(0, 2)).toEqual([BASE_MS, 2 * BASE_MS]);
    expect((await host.post("/api/plugins/unstable/disable")).status).toBe(200);
    await host.reaches("unstable", "disabled");
  });

  test("Detect plugin crash: it keeps the last 50 lines of output of the process that ended", async () => {
    const output = (await host.plugin("unstable"))?.crash?.output ?? [];
    const numbers = output.map((line) => Number(/^noisy line (\d+)$/u.exec(line)?.[1]));
    expect(numbers).toHaveLength(50);
    // Lines alternate between two pipes, which are not read in step: each one's own order holds.
    for (const parity of [0, 1]) {
      const ofOnePipe = numbers.filter((number) => number % 2 === parity);
      expect(ofOnePipe).toEqual(ofOnePipe.toSorted((one, other) => one - other));
    }
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(20);
    expect(numbers.at(-1)).toBeGreaterThanOrEqual(118);
  });

  test("Detect plugin crash: an exit with code 0 that nobody asked for is one", async () => {
    const plugin = await host.reaches("quits", "running");
    expect(plugin.restarts).toBe(1);
    expect(plugin.crash).toMatchObject({ code: 0, reason: "exited with code 0 although nobody asked it to stop" });
  });

  test.each(["steady", "strict", "direct"])(
    "Restart crashed plugin: %s, killed, comes back as a new process",
    async (id) => {
      const { pid } = await host.reaches(id, "running", "healthy");
      process.kill(pid ?? 0, "SIGKILL");
      const back = await until(`${id} runs again`, async () => {
        const plugin = await host.plugin(id);
        return plugin?.status === "running" && plugin.restarts === 1 ? plugin : null;
      });
      expect(back.crash).toMatchObject({ signal: "SIGKILL", code: null });
      expect(back.pid).not.toBe(pid);
      expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(200);
      const events = ["started", "crashed", "restarted"];
      await eventually(async () => expect(await storedEventTypes(host, id)).toEqual(events));
      const actions = ["spawn", "init", "exit", "spawn", "init"];
      await eventually(async () => expect(await supervisorActions(host, id)).toEqual(actions));
    },
  );

  test.each([
    ["steady", 9],
    ["strict", 3],
    ["direct", 9],
  ])("Detect plugin crash: %s, ending by itself, leaves its exit code %i", async (id, code) => {
    await host.reaches(id, "running", "healthy");
    expect((await host.fetch(`/plugins/${id}/crash?code=${code}`)).status).toBe(502);
    const crash = await until("the crash shows", async () => {
      const crash = (await host.plugin(id))?.crash;
      return crash?.code === code ? crash : null;
    });
    expect(crash).toMatchObject({ code, signal: null, reason: `exited with code ${code}` });
    await host.reaches(id, "running");
  });

  test("Restart crashed plugin: the count of crashes is 0 again after a time of health", async () => {
    const already = (await delays("steady")).length;
    for (const expected of [1, 2]) {
      await until("the route answers", async () => (await host.fetch("/plugins/steady/crash")).status === 502);
      await until("the crash counts", async () => (await delays("steady")).length === already + expected);
    }
    const earlier = (await delays("steady")).at(-1);
    expect(earlier).toBeGreaterThanOrEqual(2 * BASE_MS);
    await host.reaches("steady", "running", "healthy");
    await until("the crashes are forgotten", async () => (await host.plugin("steady"))?.crashes === 0);
    const { uptime_ms } = await host.reaches("steady", "running", "healthy");
    expect(uptime_ms).toBeGreaterThanOrEqual(STABLE_AFTER_MS);
    expect((await host.fetch("/plugins/steady/crash")).status).toBe(502);
    await until("the next crash counts", async () => (await delays("steady")).length === already + 3);
    expect((await delays("steady")).at(-1)).toBe(BASE_MS);
  });
});
