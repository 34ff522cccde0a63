import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { isRunning } from "./support/is-running.ts";
import { processFacts } from "./support/process-facts.ts";
import { QUICK_PLUGIN } from "./support/quick-plugin.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const PLUGINS = 500;
const MIB = 1024 * 1024;
const START_LIMIT_MS = 300_000;
/** How long plugins may outlive a host that was killed, in milliseconds. */
const DEATH_MS = 2_000;
/** Of the host; a plugin costs it a few descriptors and some memory. */
const MAX_RESIDENT_BYTES = 300 * MIB;

const ENV = { TORU_HEALTH_INTERVAL_MS: "5000", TORU_START_TIMEOUT_MS: "120000" };

async function allRun(host: TestHost): Promise<number[]> {
  return until(
    `${PLUGINS} plugins run`,
    async () => {
      const plugins = await host.plugins();
      const running = plugins.flatMap((plugin) =>
        plugin.status === "running" && plugin.pid !== null ? plugin.pid : [],
      );
      return running.length === PLUGINS && running;
    },
    START_LIMIT_MS,
  );
}

test(`${PLUGINS} plugins run on one host, end with it when it is killed, run again, and end with it in order`, async () => {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  await using first = await TestHost.start({
    env: ENV,
    prepare: async (host) => {
      for (let number = 0; number < PLUGINS; number++) await host.installText(`quick-${number}.binary`, QUICK_PLUGIN);
    },
  });
  const pids = await allRun(first);
  const facts = await processFacts(first.pid);
  console.log(
    `${PLUGINS} plugins run after ${seconds()}: ${(facts.residentBytes / MIB).toFixed(0)} MiB, ${facts.descriptors} descriptors`,
  );
  expect(facts.residentBytes).toBeLessThan(MAX_RESIDENT_BYTES);
  expect(facts.zombies).toBe(0);
  const asked = performance.now();
  await first.plugins();
  expect(performance.now() - asked).toBeLessThan(5_000);

  first.signal("SIGKILL");
  await first.exited();
  await until("all have ended", async () => !(await Promise.all(pids.map(isRunning))).some(Boolean), DEATH_MS);

  await using second = await first.again(ENV);
  await allRun(second);
  for (const plugin of await second.plugins()) expect(plugin).toMatchObject({ restarts: 0, crash: null });
  console.log(`They run again after ${seconds()}`);
  expect(await second.stop()).toBe(0);
  expect(await second.processes()).toEqual([]);
  expect((await readdir(second.runDir)).filter((name) => name.endsWith(".sock"))).toEqual([]);
  console.log(`They have ended after ${seconds()}`);
});
