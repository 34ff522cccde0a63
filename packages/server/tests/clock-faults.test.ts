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
/** `npm run soak` has the pause as long as said, with the interval that a host has. */
const HEALTH_INTERVAL_MS = Number(process.env["TORU_TEST_HEALTH_INTERVAL_MS"] ?? 200);
/** Longer than three misses would take to end a plugin. */
const PAUSE_MS = Number(process.env["TORU_TEST_PAUSE_MS"] ?? 15 * HEALTH_INTERVAL_MS);
const REQUEST_LIMIT_MS = PAUSE_MS / 2;
/** At each plugin. */
const WAITING_REQUESTS = 4;
/** For a few health checks. */
const CHECKED_AGAIN_MS = 20_000 + 5 * HEALTH_INTERVAL_MS;

const clock = join(tmpdir(), `toru-clock-${crypto.randomUUID()}`);
let host: TestHost;

beforeAll(async () => {
  host = await TestHost.start({
    env: {
      BUN_OPTIONS: `--preload ${fileURLToPath(import.meta.resolve("./support/shifted-clock.ts"))}`,
      TORU_TEST_CLOCK: clock,
      TORU_BACKOFF_BASE_MS: String(BACKOFF_MS),
      TORU_HEALTH_INTERVAL_MS: String(HEALTH_INTERVAL_MS),
      TORU_REQUEST_TIMEOUT_MS: String(REQUEST_LIMIT_MS),
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

async function pings(): Promise<number> {
  return (await host.json<{ pings: number }>("/plugins/two/init")).pings;
}

/** By the host to both plugins. */
async function requestsSent(): Promise<number> {
  const metrics = await (await host.fetch("/metrics")).text();
  const counts = [...metrics.matchAll(/^toru_plugin_requests_total\{plugin="(?:one|two)"\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
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
  test(
    "no plugin is restarted or counts as sick for what the host has missed",
    async () => {
      await host.reaches("crashes", "running");
      const before = (await supervisorLines(host, "two")).length;
      const [asked, sent] = [await pings(), await requestsSent()];
      const path = `sleep?ms=${REQUEST_LIMIT_MS / 2}`;
      const all = Array.from({ length: WAITING_REQUESTS }, () => ["one", "two"]).flat();
      const waiting = all.map((id) => host.fetch(`/plugins/${id}/${path}`));
      await until("they wait at the plugins", async () => (await requestsSent()) === sent + all.length);
      host.signal("SIGSTOP");
      await Bun.sleep(PAUSE_MS);
      host.signal("SIGCONT");
      // Their limit passed meanwhile; what came in time all the same is no worse.
      for (const response of await Promise.all(waiting)) expect([200, 504]).toContain(response.status);
      await until("health is asked for again", async () => (await pings()) > asked + 3, CHECKED_AGAIN_MS);
      await expectUntouched("one", "two");
      expect((await supervisorLines(host, "two")).length).toBe(before);
    },
    PAUSE_MS + CHECKED_AGAIN_MS + 60_000,
  );
});
