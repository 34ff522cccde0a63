import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { storedEventTypes, supervisorLines } from "./support/plugin-history.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const DAY_S = 86_400;
const BACKOFF_MS = 1_000;
const HEALTH_INTERVAL_MS = 200;
/** Longer than three misses would take to end a plugin. */
const PAUSE_MS = 10 * HEALTH_INTERVAL_MS;

const clock = join(tmpdir(), `toru-clock-${crypto.randomUUID()}`);
let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    env: {
      BUN_OPTIONS: `--preload ${fileURLToPath(import.meta.resolve("./support/shifted-clock.ts"))}`,
      TORU_TEST_CLOCK: clock,
      TORU_BACKOFF_BASE_MS: String(BACKOFF_MS),
      TORU_HEALTH_INTERVAL_MS: String(HEALTH_INTERVAL_MS),
    },
    prepare: async (host) => {
      for (const id of ["two", "crashes"]) await host.install("v2", id);
      await host.install("v1-direct", "one");
    },
  });
  for (const id of ["two", "one", "crashes"]) await host.reaches(id, "running", "healthy");
});

afterAll(async () => {
  expect(host.hasExited).toBe(false);
  await host[Symbol.asyncDispose]();
  await rm(clock, { force: true });
});

/** Where the host's clock stands, in seconds from ours. */
async function shown(): Promise<number> {
  const last = (await host.log("plugin-supervisor.log")).at(-1);
  return (Date.parse(String(last?.["timestamp"])) - Date.now()) / 1000;
}

async function setClock(seconds: number): Promise<void> {
  await writeFile(clock, String(seconds));
  host.signal("SIGUSR2");
}

async function expectUntouched(...ids: string[]): Promise<void> {
  for (const id of ids) {
    expect(await host.plugin(id)).toMatchObject({ status: "running", health: "healthy", restarts: 0, crash: null });
    expect(await storedEventTypes(host, id)).toEqual(["started"]);
    expect((await host.fetch(`/plugins/${id}/x`)).status).toBe(200);
  }
}

describe("The host's clock", () => {
  for (const [what, seconds] of [
    ["a day ahead", DAY_S],
    ["a day back", -DAY_S],
  ] as const) {
    test(`set ${what} while a plugin waits to be restarted: the wait is as long as it was said to be`, async () => {
      const { pid, restarts } = await host.reaches("crashes", "running");
      const crashedAt = performance.now();
      process.kill(pid ?? 0, "SIGKILL");
      const { retry_in_ms } = await host.reaches("crashes", "backoff");
      await setClock(seconds);
      const back = await until("it runs again", async () => {
        const plugin = await host.plugin("crashes");
        return plugin?.restarts === restarts + 1 && plugin.status === "running" && plugin;
      });
      const waited = performance.now() - crashedAt;
      expect(retry_in_ms).toBeLessThanOrEqual(2 * BACKOFF_MS);
      expect(waited).toBeGreaterThanOrEqual(BACKOFF_MS);
      expect(waited).toBeLessThan(20_000); // a busy machine is slow, but not by a day
      expect(back.uptime_ms).toBeLessThan(60_000);
      expect(Math.abs((await shown()) - seconds)).toBeLessThan(60); // the clock was really set
      await expectUntouched("one", "two");
      await setClock(0);
    });
  }
});

describe("The host is stopped for a while, and goes on", () => {
  test("no plugin is restarted or counts as sick for what the host has missed", async () => {
    await host.reaches("crashes", "running");
    const before = (await supervisorLines(host, "two")).length;
    host.signal("SIGSTOP");
    await Bun.sleep(PAUSE_MS);
    host.signal("SIGCONT");
    const pings = async () => (await host.json<{ pings: number }>("/plugins/two/init")).pings;
    const asked = await pings();
    await until("health is asked for again", async () => (await pings()) > asked + 3);
    await expectUntouched("one", "two");
    expect((await supervisorLines(host, "two")).length).toBe(before);
  });
});
