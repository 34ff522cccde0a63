// What one look at /proc costs the host with 20 plugins of two processes each: `bun benchmarks/panel/sample-cost.ts`.
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { ResourceSampler } from "@toru/supervisor";

const PLUGINS = 20;
const SAMPLES = 300;
const WARM_UP_SAMPLES = 100;
/** Much more often than the host does, so that the cost stands out, in milliseconds. */
const INTERVAL_MS = 20;
/** How often the host does it, in milliseconds. */
const HOST_INTERVAL_MS = 5_000;
const IDLE_MS = 3_000;

const children = Array.from({ length: PLUGINS }, () => Bun.spawn(["sh", "-c", "sleep 600 & wait"], { detached: true }));
const snapshots = children.map(({ pid }, index) => ({ kind: "installed", pid, manifest: { id: `plugin-${index}` } }));
try {
  const { cpuMs, wallMs } = await measureSamples();
  const idle = await measureIdle();
  const perSample = (cpuMs - idle * wallMs) / SAMPLES;
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length;
  const share = ((perSample / HOST_INTERVAL_MS) * 100).toFixed(2);
  console.log(`${PLUGINS} plugins, ${processes} processes on the machine: ${perSample.toFixed(1)} ms of CPU a sample`);
  console.log(`every ${HOST_INTERVAL_MS / 1000} s: ${share} % of a core`);
} finally {
  for (const { pid } of children) process.kill(-pid, "SIGKILL");
}

async function measureSamples(): Promise<{ cpuMs: number; wallMs: number }> {
  const done = Promise.withResolvers<void>();
  let count = 0;
  let cpu = process.cpuUsage();
  let start = performance.now();
  using sampler = new ResourceSampler({
    plugins: { list: () => snapshots as never },
    dataDir: tmpdir(),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    complain: console.error,
    intervalMs: INTERVAL_MS,
  });
  sampler.subscribe(() => {
    count += 1;
    if (count === WARM_UP_SAMPLES) [cpu, start] = [process.cpuUsage(), performance.now()];
    if (count === WARM_UP_SAMPLES + SAMPLES) done.resolve();
  });
  await done.promise;
  return { cpuMs: milliseconds(process.cpuUsage(cpu)), wallMs: performance.now() - start };
}

/** CPU of this process while it does nothing, in milliseconds a millisecond. */
async function measureIdle(): Promise<number> {
  const cpu = process.cpuUsage();
  await Bun.sleep(IDLE_MS);
  return milliseconds(process.cpuUsage(cpu)) / IDLE_MS;
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
