/** Measures the storage as plugins reach it against SQLite itself; run.mjs prepares what it needs. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchmarkedHost } from "../forward/host.ts";
import { describeHardware, outputOf } from "../forward/machine.ts";
import { cpuSeconds } from "../forward/process-figures.ts";
import { withResult } from "../forward/write-result.ts";
import { DirectSqlite } from "./direct.ts";
import type { PluginRun } from "./load-plugin.ts";
import { KINDS, type Kind } from "./operations.ts";
import { report, type Sample, type Way, WAYS } from "./report.ts";

const ROOT = join(import.meta.dir, "../..");
const README = join(import.meta.dir, "README.md");
const { values: options } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    host: { type: "string", default: join(ROOT, "dist/toru") },
  },
});
/** Operations of one sample, of all plugins together. */
const COUNT = 10_000;
const PLUGINS = Array.from({ length: 20 }, (_, index) => `kv-${index}`);

await using parts = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-kv-"));
parts.defer(() => rm(folder, { recursive: true }));
await installPlugins();
const host = await BenchmarkedHost.start(options.host, folder, parts);
await host.allHealthy(PLUGINS);
using direct = new DirectSqlite(join(folder, "data/toru.db"));

const samples: Sample[] = [];
await measureRound(() => {}); // warms everything up, and fills the namespaces
for (let round = 0; round < Number(options.rounds); round += 1) {
  console.error(`— round ${round + 1}`);
  await measureRound((sample) => samples.push(sample), round % 2 === 1);
}
const text = [
  ...describeHardware().map((line) => `- ${line}`),
  `- ${await outputOf([options.host, "--version"])}, Bun ${Bun.version}`,
  "",
  report(samples),
].join("\n");
console.log(text);
if (options.write) await writeFile(README, withResult(await readFile(README, "utf8"), text));

async function measureRound(keep: (sample: Sample) => void, isReversed = false): Promise<void> {
  for (const kind of KINDS) {
    for (const way of isReversed ? WAYS.toReversed() : WAYS) keep(await measure(kind, way));
  }
}

async function measure(kind: Kind, way: Way): Promise<Sample> {
  // What is written over and what is deleted is there before.
  if (kind === "set" || kind === "delete") await perform("set", way);
  const cpuBefore = await cpuSeconds(host.pid);
  const figures = await perform(kind, way);
  const cpuUs = ((await cpuSeconds(host.pid)) - cpuBefore) * (1e6 / COUNT);
  return { kind, way, ...figures, cpuUs };
}

async function perform(kind: Kind, way: Way): Promise<Pick<Sample, "perSecond" | "p50Us" | "p99Us">> {
  if (way.plugins === 0) return { perSecond: direct.run(kind, COUNT, way.inFlight), p50Us: 0, p99Us: 0 };
  const count = COUNT / way.plugins;
  const runs = await Promise.all(PLUGINS.slice(0, way.plugins).map((id) => runIn(id, kind, count, way.inFlight)));
  const took = Math.max(...runs.map((run) => run.endedAt)) - Math.min(...runs.map((run) => run.startedAt));
  return { perSecond: (COUNT / took) * 1000, p50Us: worst(runs, "p50"), p99Us: worst(runs, "p99") };
}

function worst(runs: PluginRun[], which: "p50" | "p99"): number {
  return Math.max(...runs.map(({ latenciesUs }) => latenciesUs[which]));
}

async function runIn(id: string, kind: Kind, count: number, inFlight: number): Promise<PluginRun> {
  const response = await host.fetch(`/plugins/${id}/run?kind=${kind}&count=${count}&in_flight=${inFlight}`);
  if (!response.ok) throw new Error(`${id} did not answer: ${response.status} ${await response.text()}`);
  return (await response.json()) as PluginRun;
}

async function installPlugins(): Promise<void> {
  await mkdir(join(folder, "plugins"));
  const program = join(import.meta.dir, "load-plugin.ts");
  for (const id of PLUGINS) {
    const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' ${id} "$@"\n`;
    await writeFile(join(folder, "plugins", `${id}.binary`), script, { mode: 0o755 });
  }
}
