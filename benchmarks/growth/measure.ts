/** Measures the host with ever more plugins; run.mjs prepares what it needs. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pluginListSchema } from "@toru/http-api";
import { BenchmarkedHost } from "../forward/host.ts";
import { describeHardware, outputOf } from "../forward/machine.ts";
import { cpuSeconds, memoryOf } from "../forward/process-figures.ts";
import { until } from "../forward/until.ts";
import { withResult } from "../forward/write-result.ts";
import { Client, type Question } from "../programs/client.ts";
import { compileRust } from "../programs/compile-rust.ts";
import { checkRoomFor, installSmallPlugins, pluginIds } from "../programs/small-plugins.ts";
import { KINDS, report, type Kind, type Results, type Sample } from "./report.ts";

const ROOT = join(import.meta.dir, "../..");
const README = join(import.meta.dir, "README.md");
const SETTLE_MS = 10_000;
const IDLE_MS = 20_000;
const HEALTHY_LIMIT = { limitMs: 120_000, intervalMs: 100 };

const { values: options } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    counts: { type: "string", default: "1,10,100,500" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    host: { type: "string", default: join(ROOT, "dist/toru") },
  },
});

/** One of the hosts, which run side by side. */
interface Crowd {
  host: BenchmarkedHost;
  results: Results;
  questions: Record<Kind, Question>;
}

const counts = options.counts.split(",").map(Number);
checkRoomFor(
  counts.reduce((sum, count) => sum + count, 0),
  "--counts",
);
await using parts = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-growth-"));
parts.defer(() => rm(folder, { recursive: true, force: true }));
const machine = [
  ...describeHardware(),
  `${await outputOf([options.host, "--version"])}, ${await outputOf(["rustc", "--version"])}`,
];
const client = await Client.make(folder);
const program = join(folder, "plugin");
await compileRust("plugin", program);

const crowds: Crowd[] = [];
for (const count of counts) crowds.push(await gather(count));
say(`idle for ${(SETTLE_MS + IDLE_MS) / 1000} s`);
await Bun.sleep(SETTLE_MS);
await Promise.all(crowds.map(measureIdle));
for (let round = 0; round < Number(options.rounds); round += 1) {
  say(`round ${round + 1}`);
  for (const kind of KINDS) {
    for (let turn = 0; turn < crowds.length; turn += 1) {
      const crowd = crowds[(turn + round) % crowds.length] as Crowd;
      crowd.results.samples[kind].push(await measure(crowd, kind));
    }
  }
}
const markdown = report(
  machine,
  crowds.map(({ results }) => results),
);
console.log(`\n${markdown}`);
if (options.write) await Bun.write(README, withResult(await Bun.file(README).text(), markdown));

async function gather(count: number): Promise<Crowd> {
  say(`${count} plugins`);
  const own = join(folder, String(count));
  await mkdir(own);
  const ids = pluginIds(count);
  await installSmallPlugins(program, own, ids);
  const startedAt = performance.now();
  const host = await BenchmarkedHost.start(options.host, own, parts);
  await until("all plugins in good health", async () => ((await healthy(host)) === count ? true : null), HEALTHY_LIMIT);
  const allHealthyMs = performance.now() - startedAt;
  const last = ids.at(-1) ?? ""; // whatever is searched in order finds it last
  const ask = (kind: Kind, path: string) => client.request(`${kind}-${count}`, `${host.url}${path}`, host.cookie);
  const questions: Record<Kind, Question> = {
    request: await ask("request", `/plugins/${last}/small`),
    state: await ask("state", `/api/plugins/${last}`),
    list: await ask("list", "/api/plugins"),
  };
  for (const kind of KINDS) await client.ask(questions[kind], 1);
  const samples = { request: [], state: [], list: [] };
  return { host, questions, results: { count, allHealthyMs, idleBytes: 0, idleCpu: 0, samples } };
}

async function healthy(host: BenchmarkedHost): Promise<number> {
  const plugins = pluginListSchema.parse(await (await host.fetch("/api/plugins")).json());
  return plugins.filter((plugin) => plugin.status !== "invalid" && plugin.health === "healthy").length;
}

async function measureIdle({ host, results }: Crowd): Promise<void> {
  const before = await cpuSeconds(host.pid);
  await Bun.sleep(IDLE_MS);
  results.idleCpu = ((await cpuSeconds(host.pid)) - before) / (IDLE_MS / 1000);
  results.idleBytes = (await memoryOf(host.pid)).residentBytes;
}

async function measure({ host, questions, results }: Crowd, kind: Kind): Promise<Sample> {
  const seconds = Number(options.seconds);
  const before = await cpuSeconds(host.pid);
  const { count, p50Us, p99Us } = await client.ask(questions[kind], seconds);
  const busy = (await cpuSeconds(host.pid)) - before - results.idleCpu * seconds;
  return { p50Us, p99Us, cpuUs: (busy * 1e6) / count };
}

function say(text: string): void {
  console.error(`— ${text}`);
}
