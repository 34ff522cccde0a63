import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { QUICK_PLUGIN } from "./support/quick-plugin.ts";
import { processFacts, type ProcessFacts } from "./support/process-facts.ts";
import { TestHost } from "./support/test-host.ts";
import { until } from "./support/until.ts";

const MIB = 1024 * 1024;
/** `npm run soak` asks for more. */
const CYCLES = Number(process.env["TORU_TEST_CYCLES"] ?? 50);
const WARM_UP_CYCLES = 10;
const REQUESTS = 1_000;
const REQUESTS_AT_ONCE = 50;
/** Connections that the test's own client keeps open may differ by a few. */
const DESCRIPTOR_SLACK = 4;
const THREAD_SLACK = 3;
/** In the soak a leak of 20 KiB a cycle would be seen; what the garbage collector has not looked at yet is not. */
const MEMORY_SLACK_BYTES = 16 * MIB;

const CYCLED = ["quick-a", "quick-b"] as const;

describe("What comes and goes leaves nothing behind", () => {
  let host: TestHost;

  beforeAll(async () => {
    host = await TestHost.start({
      prepare: async (host) => {
        for (const id of CYCLED) await host.installText(`${id}.binary`, QUICK_PLUGIN);
        await host.install("v2", "asked");
      },
    });
    for (const id of [...CYCLED, "asked"]) await host.reaches(id, "running", "healthy");
  });

  afterAll(async () => {
    expect(host.hasExited).toBe(false);
    await host[Symbol.asyncDispose]();
  });

  /** Waits until the host holds no more than it did, as far as the kernel can tell; fails with what it holds. */
  async function expectNoMoreThan(before: ProcessFacts): Promise<void> {
    let now = before;
    const settled = until(
      "the host holds no more than before",
      async () => {
        now = await processFacts(host.pid);
        const { descriptors, threads, zombies } = now;
        const isFlat = descriptors <= before.descriptors + DESCRIPTOR_SLACK && threads <= before.threads + THREAD_SLACK;
        return isFlat && zombies === 0;
      },
      5_000,
    );
    await settled.catch((cause: unknown) => {
      throw new Error(`before ${JSON.stringify(before)}, now ${JSON.stringify(now)}`, { cause });
    });
    const grown = now.residentBytes - before.residentBytes;
    expect(grown).toBeLessThan(MEMORY_SLACK_BYTES);
  }

  async function cycle(id: string, count: number): Promise<void> {
    for (let number = 0; number < count; number++) {
      expect((await host.post(`/api/plugins/${id}/disable`)).status).toBe(200);
      await host.reaches(id, "disabled");
      expect((await host.post(`/api/plugins/${id}/enable`)).status).toBe(200);
      await host.reaches(id, "running");
    }
  }

  test(`${CYCLES} times enabled and disabled: descriptors, threads, memory and the run folder are as before`, async () => {
    await Promise.all(CYCLED.map((id) => cycle(id, WARM_UP_CYCLES)));
    const before = await processFacts(host.pid);
    const files = (await readdir(host.runDir)).sort();
    const perPlugin = CYCLES / CYCLED.length;
    await Promise.all(CYCLED.map((id) => cycle(id, perPlugin)));
    await expectNoMoreThan(before);
    expect((await readdir(host.runDir)).sort()).toEqual(files);
    for (const id of CYCLED) {
      await host.post(`/api/plugins/${id}/disable`);
      await host.reaches(id, "disabled");
      expect(await host.plugin(id)).toMatchObject({ crash: null, crashes: 0 });
    }
    const left = await readdir(host.runDir);
    expect(left.filter((name) => name.startsWith("quick-") || name.startsWith(".quick-"))).toEqual([]);
  });

  test(`${REQUESTS} requests whose clients go away: descriptors and threads are as before, and it answers`, async () => {
    const path = "/plugins/asked/sleep?ms=100";
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, async () => (await host.fetch(path)).text()));
    const before = await processFacts(host.pid);
    let aborted = 0;
    for (let sent = 0; sent < REQUESTS; sent += REQUESTS_AT_ONCE) {
      const batch = Array.from({ length: REQUESTS_AT_ONCE }, async (_, number) => {
        const response = await host.fetch(path, { signal: AbortSignal.timeout(1 + number) }).catch(() => null);
        if (response === null) aborted += 1;
        else await response.text().catch(() => "");
      });
      await Promise.all(batch);
    }
    expect(aborted).toBeGreaterThan(REQUESTS / 2);
    await expectNoMoreThan(before);
    expect((await host.fetch("/plugins/asked/x")).status).toBe(200);
    expect(await host.plugin("asked")).toMatchObject({ status: "running", restarts: 0 });
  });
});
