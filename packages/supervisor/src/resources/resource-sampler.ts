import type { Clock, PluginHost, ResourceMonitor, ResourceSample, Usage } from "@toru/core";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { within } from "../process/within.ts";
import type { CpuTimes, ProcessStat, ProcUnits } from "./parse-proc.ts";
import { processFamilies } from "./process-families.ts";
import { readMachine, readProcesses, readUnits } from "./read-proc.ts";
import { ticksBetween } from "./ticks-between.ts";

const INTERVAL_MS = 5_000;
/** Ten minutes. */
const MAX_SAMPLES = 120;
/** How long the data folder's file system may take to answer. */
const DISK_MS = 1_000;

export interface ResourceSamplerOptions {
  dataDir: string;
  clock: Clock;
  /** The process of an installed plugin leads its group. */
  plugins: Pick<PluginHost, "list">;
  /** Told once for each new reason why no sample could be taken. */
  complain: (message: string) => void;
  intervalMs?: number;
}

/** One look at all processes, and what of it the next look needs. */
interface Look {
  /** By the monotonic clock. */
  at: number;
  cpu: CpuTimes | null;
  /** When the youngest process of the machine started, in clock ticks since the machine did. */
  youngest: number;
  own: ProcessStat[];
  /** By plugin. */
  families: Map<string, ProcessStat[]>;
}

/** Looks at `/proc` now and then. Elsewhere than on Linux it never has a sample. */
export class ResourceSampler implements ResourceMonitor, Disposable {
  readonly intervalMs: number;
  readonly cores = Math.max(cpus().length, availableParallelism());
  readonly #options: ResourceSamplerOptions;
  readonly #listeners = new Set<(sample: ResourceSample) => void>();
  readonly #samples: ResourceSample[] = [];
  #units: ProcUnits | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #last: Look | null = null;
  #sampling = false;
  #asksDisk = false;
  #memoryTotalBytes: number | null = null;
  #diskTotalBytes: number | null = null;
  #trouble: string | null = null;

  constructor(options: ResourceSamplerOptions) {
    this.#options = options;
    this.intervalMs = options.intervalMs ?? INTERVAL_MS;
    if (process.platform !== "linux") return;
    this.#timer = setInterval(() => void this.#round(), this.intervalMs);
    void this.#round();
  }

  get samples(): readonly ResourceSample[] {
    return this.#samples;
  }

  get memoryTotalBytes(): number | null {
    return this.#memoryTotalBytes;
  }

  get diskTotalBytes(): number | null {
    return this.#diskTotalBytes;
  }

  subscribe(listener: (sample: ResourceSample) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  async #round(): Promise<void> {
    if (this.#sampling) return;
    this.#sampling = true;
    try {
      const sample = await this.#sample();
      if (this.#timer === undefined) return;
      this.#samples.push(sample);
      if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
      for (const listener of this.#listeners) listener(sample);
      this.#trouble = null;
    } catch (error) {
      const trouble = `what plugins use could not be read: ${String(error)}`;
      if (trouble !== this.#trouble) this.#options.complain(trouble);
      this.#trouble = trouble;
    } finally {
      this.#sampling = false;
    }
  }

  async #sample(): Promise<ResourceSample> {
    const { clock } = this.#options;
    const diskUsedBytes = await this.#diskUsed();
    const { cpu, memory } = readMachine();
    const at = clock.monotonic();
    const plugins = this.#options.plugins.list().filter((plugin) => plugin.kind === "installed");
    const all = await readProcesses();
    const youngest = all.values().reduce((latest, { startedAt }) => Math.max(latest, startedAt), 0);
    const look: Look = { at, cpu, youngest, own: [], families: new Map() };
    const own = all.get(process.pid);
    if (own !== undefined) look.own.push(own);
    const pids = plugins.map(({ pid }) => pid).filter((pid) => pid !== null);
    const families = processFamilies(all, pids, process.pid);
    const before = this.#last;
    const usages = new Map<string, Usage>();
    for (const { manifest, pid } of plugins) {
      const { id } = manifest;
      const family = pid === null ? undefined : families.get(pid);
      if (family !== undefined) look.families.set(id, family);
      usages.set(id, this.#usage(before?.families.get(id) ?? [], family ?? [], before, look));
    }
    this.#last = look;
    this.#memoryTotalBytes = memory?.total ?? null;
    return {
      at: clock.now(),
      host: { cpu: cpuBetween(before?.cpu ?? null, cpu), memoryBytes: memory?.used ?? null, diskUsedBytes },
      process: this.#usage(before?.own ?? [], look.own, before, look),
      plugins: usages,
    };
  }

  #usage(was: readonly ProcessStat[], is: readonly ProcessStat[], before: Look | null, now: Look): Usage {
    if (is.length === 0) return { cpu: null, memoryBytes: null };
    this.#units ??= readUnits();
    const { pageBytes, ticksPerSecond } = this.#units;
    const memoryBytes = is.reduce((sum, { residentPages }) => sum + residentPages, 0) * pageBytes;
    if (before === null || now.at <= before.at) return { cpu: null, memoryBytes };
    const seconds = (now.at - before.at) / 1000;
    const percent = (ticksBetween(was, is, before.youngest) / ticksPerSecond / seconds) * 100;
    return { cpu: Math.min(percent, this.cores * 100), memoryBytes };
  }

  /** Null while the file system does not answer; it is not asked again before it has. */
  async #diskUsed(): Promise<number | null> {
    if (this.#asksDisk) return null;
    this.#asksDisk = true;
    const asked = statfs(this.#options.dataDir)
      .catch(() => null)
      .finally(() => (this.#asksDisk = false));
    const facts = await within(asked, DISK_MS);
    if (facts === null) return null;
    const used = (facts.blocks - facts.bfree) * facts.bsize;
    this.#diskTotalBytes = used + facts.bavail * facts.bsize;
    return used;
  }
}

/** Percent of all cores. */
function cpuBetween(before: CpuTimes | null, now: CpuTimes | null): number | null {
  if (before === null || now === null || now.total <= before.total) return null;
  const total = now.total - before.total;
  const busy = total - (now.idle - before.idle); // the kernel's idle time may go back a little
  return (Math.min(Math.max(0, busy), total) / total) * 100;
}
