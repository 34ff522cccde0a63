import type { BenchmarkedHost } from "./host.ts";
import { until } from "./until.ts";

const SUCCESSOR_LIMIT = { limitMs: 15_000, intervalMs: 5 };

/**
 * Kills each of the plugins once, one after another, and returns the milliseconds until a process with another id answered
 * through HTTP. Each plugin only once: the second crash in a row waits longer by design.
 */
export async function successorTimes(host: BenchmarkedHost, pluginIds: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const id of pluginIds) {
    const victim = await answeringProcess(host, id);
    if (victim === null) throw new Error(`${id} did not answer before it was to be killed`);
    const killedAt = performance.now();
    process.kill(victim, "SIGKILL");
    await until(
      `the successor of ${id}`,
      async () => {
        const pid = await answeringProcess(host, id);
        return pid === null || pid === victim ? null : pid;
      },
      SUCCESSOR_LIMIT,
    );
    times.push(performance.now() - killedAt);
  }
  return times;
}

/** The process that the fixture's answer names; null while there is none. */
async function answeringProcess(host: BenchmarkedHost, id: string): Promise<number | null> {
  const response = await host.fetch(`/plugins/${id}/pid`);
  if (response.status !== 200) {
    await response.body?.cancel();
    return null;
  }
  const { pid } = (await response.json()) as { pid: number };
  return pid;
}
