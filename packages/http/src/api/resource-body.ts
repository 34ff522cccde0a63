import type { ResourceMonitor, ResourceSample, Usage } from "@toru/core";
import type { ResourceSample as ResourceSampleBody, Resources } from "@toru/http-api";

const UNKNOWN: Usage = { cpu: null, memoryBytes: null };

export function resourceSampleBody({ at, host, process, plugins }: ResourceSample): ResourceSampleBody {
  return {
    at: new Date(at).toISOString(),
    host: { cpu: percent(host.cpu), memory_bytes: host.memoryBytes, disk_used_bytes: host.diskUsedBytes },
    process: usageBody(process),
    plugins: Object.fromEntries(Array.from(plugins, ([id, usage]) => [id, usageBody(usage)])),
  };
}

/** All samples as lines. A plugin that came later has gaps before. */
export function resourcesBody(monitor: ResourceMonitor): Resources {
  const { samples, intervalMs, cores, memoryTotalBytes, diskTotalBytes } = monitor;
  const ids = new Set(samples.flatMap(({ plugins }) => [...plugins.keys()]));
  const line = (id: string) => usageLines(samples.map(({ plugins }) => plugins.get(id) ?? UNKNOWN));
  return {
    interval_ms: intervalMs,
    cores,
    memory_total_bytes: memoryTotalBytes,
    disk_total_bytes: diskTotalBytes,
    at: samples.map(({ at }) => new Date(at).toISOString()),
    host: {
      cpu: samples.map(({ host }) => percent(host.cpu)),
      memory_bytes: samples.map(({ host }) => host.memoryBytes),
      disk_used_bytes: samples.map(({ host }) => host.diskUsedBytes),
    },
    process: usageLines(samples.map((sample) => sample.process)),
    plugins: Object.fromEntries(Array.from(ids, (id) => [id, line(id)])),
  };
}

function usageLines(usages: Usage[]): { cpu: (number | null)[]; memory_bytes: (number | null)[] } {
  return { cpu: usages.map(({ cpu }) => percent(cpu)), memory_bytes: usages.map(({ memoryBytes }) => memoryBytes) };
}

function usageBody({ cpu, memoryBytes }: Usage): { cpu: number | null; memory_bytes: number | null } {
  return { cpu: percent(cpu), memory_bytes: memoryBytes };
}

/** With one digit behind the point. */
function percent(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
