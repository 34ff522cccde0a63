/** Measures the host's start with many plugins, and what it takes at rest; run.mjs prepares what it needs. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchmarkedHost } from "../forward/host.ts";
import { describeHardware, outputOf } from "../forward/machine.ts";
import { cpuSeconds, memoryOf } from "../forward/process-figures.ts";
import { until } from "../forward/until.ts";
import { withResult } from "../forward/write-result.ts";
import { compileRust } from "../programs/compile-rust.ts";
import { checkRoomFor } from "../programs/small-plugins.ts";
import { bareStart } from "./bare-start.ts";
import { CROWDS, install, smallCrowd, type Plugin } from "./crowds.ts";
import { report, type CrowdRounds, type Rest, type Start } from "./report.ts";
import { readyTimes } from "./timeline.ts";

const ROOT = join(import.meta.dir, "../..");
const README = join(import.meta.dir, "README.md");
/** A host leaves files alone that were just changed. */
const SETTLED_MS = 200;
const START_LIMIT = { limitMs: 120_000, intervalMs: 50 };
const REST_COUNTS = [0, 10, 100];
const REST_AFTER_MS = 10_000;
const REST_MS = 20_000;
const MOST_PLUGINS = 300;

const { values: options } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    host: { type: "string", default: join(ROOT, "dist/toru") },
  },
});

checkRoomFor(MOST_PLUGINS, "a smaller number in benchmarks/start/crowds.ts");
await using all = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-start-"));
all.defer(() => rm(folder, { recursive: true, force: true }));
const versions = [
  [options.host, "--version"],
  ["rustc", "--version"],
  ["python3", "--version"],
].map(outputOf);
const machine = [...describeHardware(), (await Promise.all(versions)).join(", ")];
const program = join(folder, "plugin");
await compileRust("plugin", program);
let runs = 0;

const crowds: CrowdRounds[] = CROWDS.map((crowd) => ({ crowd, rounds: [] }));
for (let round = 0; round < Number(options.rounds); round += 1) {
  for (const { crowd, rounds } of crowds) {
    say(`round ${round + 1}: ${crowd.name}`);
    const alone = await start(crowd.plugins.slice(-1));
    const together = await start(crowd.plugins);
    rounds.push({ alone, together, bareMs: await bare(crowd.plugins) });
  }
}
const rest = await atRest();
const markdown = report(machine, crowds, rest);
console.log(`\n${markdown}`);
if (options.write) await Bun.write(README, withResult(await Bun.file(README).text(), markdown));

async function newFolder(plugins: readonly Plugin[]): Promise<string> {
  runs += 1;
  const own = join(folder, String(runs));
  await mkdir(own);
  await install(plugins, program, own);
  await Bun.sleep(SETTLED_MS);
  return own;
}

/** From nothing to the last healthy plugin; ends the host again. */
async function start(plugins: readonly Plugin[]): Promise<Start> {
  await using parts = new AsyncDisposableStack();
  const own = await newFolder(plugins);
  const startedAt = Date.now();
  const host = await BenchmarkedHost.start(options.host, own, parts);
  const hostMs = Date.now() - startedAt;
  const times = await until(
    "all plugins in good health",
    async () => {
      const found = await readyTimes(own);
      return found.size === plugins.length ? [...found.values()] : null;
    },
    START_LIMIT,
  );
  await host.allHealthy(plugins.map(({ id }) => id));
  return { hostMs, firstMs: Math.min(...times) - startedAt, allMs: Math.max(...times) - startedAt };
}

async function bare(plugins: readonly Plugin[]): Promise<number> {
  return bareStart(await newFolder(plugins), plugins);
}

/** Hosts side by side, after a while without a request. */
async function atRest(): Promise<Rest[]> {
  await using parts = new AsyncDisposableStack();
  const hosts: { count: number; host: BenchmarkedHost }[] = [];
  for (const count of REST_COUNTS) {
    say(`${count} plugins at rest`);
    const plugins = smallCrowd(count);
    const host = await BenchmarkedHost.start(options.host, await newFolder(plugins), parts);
    await host.allHealthy(plugins.map(({ id }) => id));
    hosts.push({ count, host });
  }
  await Bun.sleep(REST_AFTER_MS);
  return await Promise.all(
    hosts.map(async ({ count, host }) => {
      const before = await cpuSeconds(host.pid);
      await Bun.sleep(REST_MS);
      const cpu = ((await cpuSeconds(host.pid)) - before) / (REST_MS / 1000);
      return { count, cpu, memory: await memoryOf(host.pid) };
    }),
  );
}

function say(text: string): void {
  console.error(`— ${text}`);
}
