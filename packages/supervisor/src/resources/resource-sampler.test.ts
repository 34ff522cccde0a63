import { expect, test } from "bun:test";
import type { InstalledPlugin, PluginSnapshot, ResourceSample } from "@toru/core";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { until } from "../until.fixture.ts";
import { ResourceSampler } from "./resource-sampler.ts";

const clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Plugins that are processes of this test, and end with it. */
class Processes implements Disposable {
  readonly #children = new Map<string, Bun.Subprocess>();
  readonly #pids = new Map<string, number | null>();

  /** Runs a shell's script as the leader of a group. */
  start(id: string, script: string): void {
    const child = Bun.spawn(["sh", "-c", script], { detached: true, stdio: ["ignore", "ignore", "ignore"] });
    this.#children.set(id, child);
    this.#pids.set(id, child.pid);
  }

  claim(id: string, pid: number | null): void {
    this.#pids.set(id, pid);
  }

  async stop(id: string): Promise<void> {
    const child = this.#children.get(id);
    if (child === undefined) return;
    this.#children.delete(id);
    this.#pids.set(id, null);
    child.kill("SIGKILL");
    await child.exited;
  }

  list(): PluginSnapshot[] {
    return Array.from(this.#pids, ([id, pid]) => installed(id, pid));
  }

  [Symbol.dispose](): void {
    for (const child of this.#children.values()) child.kill("SIGKILL");
  }
}

function installed(id: string, pid: number | null): InstalledPlugin {
  return {
    kind: "installed",
    file: `${id}.binary`,
    manifest: { id, name: id, version: "1", icon: "box", route: `/${id}`, protocol: 2, handles: ["http"] },
    enabled: true,
    state: {
      status: "running",
      crashes: 0,
      crashTimes: [],
      crash: null,
      since: 0,
      health: { state: "healthy", since: 0 },
    },
    pid,
    uptimeMs: 0,
    restarts: 0,
    crashes: 0,
    lastCrash: null,
    retryInMs: null,
    problem: null,
    revision: "",
    isInDevelopment: false,
  };
}

/** A busy child in a group of its own, that ends when its leader is gone. */
const BUSY = `setsid sh -c 'while kill -0 "$1"; do :; done' busy $$ & wait`;
const IDLE = "exec sleep 60";

function makeSampler(plugins: Processes, dataDir: string, intervalMs = 100) {
  const complaints: string[] = [];
  const sampler = new ResourceSampler({ plugins, dataDir, clock, intervalMs, complain: (it) => complaints.push(it) });
  return { sampler, complaints };
}

function latest(sampler: ResourceSampler, id: string) {
  return sampler.samples.at(-1)?.plugins.get(id) ?? { cpu: null, memoryBytes: null };
}

test.if(process.platform === "linux")(
  "a plugin's use is that of its group and of the children that left it",
  async () => {
    await using folder = await temporaryFolder();
    using plugins = new Processes();
    plugins.start("busy", BUSY);
    plugins.start("idle", IDLE);
    plugins.claim("stranger", 1);
    plugins.claim("stopped", null);
    const { sampler, complaints } = makeSampler(plugins, folder.path);
    using _ = sampler;
    await until("the busy one shows", () => (latest(sampler, "busy").cpu ?? 0) > 5);
    await until("the idle one shows", () => (latest(sampler, "idle").cpu ?? 100) < 5);
    for (const id of ["busy", "idle"]) expect(latest(sampler, id).memoryBytes).toBeGreaterThan(100_000);
    for (const id of ["stranger", "stopped"]) expect(latest(sampler, id)).toEqual({ cpu: null, memoryBytes: null });
    const sample = sampler.samples.at(-1);
    expect(sample?.process.memoryBytes).toBeGreaterThan(10_000_000);
    expect(sample?.host.cpu).toBeGreaterThan(0);
    expect(sample?.host.cpu).toBeLessThanOrEqual(100);
    expect(sample?.host.memoryBytes).toBeLessThan(sampler.memoryTotalBytes ?? 0);
    expect(sample?.host.diskUsedBytes).toBeLessThan(sampler.diskTotalBytes ?? 0);
    expect(sampler.samples[0]?.plugins.get("busy")?.cpu).toBeNull();
    expect(complaints).toEqual([]);
  },
);

test.if(process.platform === "linux")("a restart between samples gives no negative and no absurd figure", async () => {
  await using folder = await temporaryFolder();
  using plugins = new Processes();
  const { sampler } = makeSampler(plugins, folder.path, 50);
  using _ = sampler;
  const shows = () => until("it shows", () => (latest(sampler, "busy").cpu ?? 0) > 5);
  for (let round = 0; round < 3; round += 1) {
    plugins.start("busy", BUSY);
    await shows();
    await plugins.stop("busy");
    if (round === 1) await until("the gap shows", () => latest(sampler, "busy").memoryBytes === null);
  }
  for (const { plugins: used } of sampler.samples) {
    const { cpu = null } = used.get("busy") ?? {};
    expect(cpu ?? 0).toBeGreaterThanOrEqual(0);
    expect(cpu ?? 0).toBeLessThanOrEqual(sampler.cores * 100);
  }
});

test.if(process.platform === "linux")(
  "ten minutes are kept, listeners hear of each sample, and disposing ends it",
  async () => {
    await using folder = await temporaryFolder();
    using plugins = new Processes();
    const { sampler } = makeSampler(plugins, folder.path, 5);
    const heard: ResourceSample[] = [];
    const stop = sampler.subscribe((sample) => heard.push(sample));
    await until("more were taken than are kept", () => heard.length > 125);
    expect(sampler.samples.length).toBe(120);
    expect(sampler.samples.at(-1)).toBe(heard.at(-1));
    stop();
    sampler[Symbol.dispose]();
    const { length } = heard;
    const last = sampler.samples.at(-1);
    await Bun.sleep(50);
    expect([heard.length, sampler.samples.at(-1)]).toEqual([length, last]);
  },
);

test.if(process.platform === "linux")("a data folder that is gone leaves a gap and nothing else", async () => {
  using plugins = new Processes();
  const { sampler, complaints } = makeSampler(plugins, "/nowhere/at/all");
  using _ = sampler;
  await until("a sample is there", () => sampler.samples.length > 0);
  expect(sampler.samples[0]?.host.diskUsedBytes).toBeNull();
  expect(sampler.diskTotalBytes).toBeNull();
  expect(complaints).toEqual([]);
});
