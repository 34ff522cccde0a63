import type { ResourceMonitor, ResourceSample } from "@toru/core";

/** A monitor that has the samples which the test takes. */
export class FakeResources implements ResourceMonitor {
  readonly intervalMs = 5_000;
  readonly cores = 4;
  readonly memoryTotalBytes = 8_000;
  readonly diskTotalBytes = 90_000;
  readonly samples: ResourceSample[] = [];
  readonly listeners = new Set<(sample: ResourceSample) => void>();

  subscribe(listener: (sample: ResourceSample) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  take(plugins: Record<string, { cpu: number | null; memoryBytes: number | null }>): void {
    const sample: ResourceSample = {
      at: this.samples.length * this.intervalMs,
      host: { cpu: 12.345, memoryBytes: 4_000, diskUsedBytes: 50_000 },
      process: { cpu: 1.25, memoryBytes: 100 },
      plugins: new Map(Object.entries(plugins)),
    };
    this.samples.push(sample);
    for (const listener of this.listeners) listener(sample);
  }
}
