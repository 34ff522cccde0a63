/** Measures one plugin beside another that misbehaves; run.mjs prepares what it needs. */
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchmarkedHost } from "../forward/host.ts";
import { describeHardware, outputOf } from "../forward/machine.ts";
import { cpuSeconds } from "../forward/process-figures.ts";
import { withResult } from "../forward/write-result.ts";
import { Client } from "../programs/client.ts";
import { compileRust } from "../programs/compile-rust.ts";
import { NEIGHBOURS, type Beside, type Neighbour } from "./neighbours.ts";
import { report, type Results, type Sample } from "./report.ts";

const ROOT = join(import.meta.dir, "../..");
const README = join(import.meta.dir, "README.md");
/** What a neighbour began is under way by then. */
const BEGUN_MS = 300;
/** What it has left to do for the host is done by then. */
const OVER_MS = 700;
/** Requests a second, one connection. */
const STEADY_RATE = 200;
const STEADY_SECONDS = 3;
const CLOSED_SECONDS = 1;
/** So that the crashing neighbour is started three times a second and more, and never disabled. */
const RESTLESS = { TORU_BACKOFF_BASE_MS: "20", TORU_CRASH_LIMIT: "1000", TORU_CRASHES_PER_HOUR: "1000" };

const { values: options } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    host: { type: "string", default: join(ROOT, "dist/toru") },
  },
});

await using parts = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-isolation-"));
parts.defer(() => rm(folder, { recursive: true, force: true }));
const machine = [
  ...describeHardware(),
  `${await outputOf([options.host, "--version"])}, ${await outputOf(["rustc", "--version"])}`,
];
const client = await Client.make(folder);
await mkdir(join(folder, "plugins"));
const program = join(folder, "plugin");
await compileRust("plugin", program);
for (const id of ["measured", "neighbour"]) await copyFile(program, join(folder, "plugins", `${id}.binary`));
const host = await BenchmarkedHost.start(options.host, folder, parts, RESTLESS);
await host.allHealthy(["measured", "neighbour"]);
const question = await client.request("measured", `${host.url}/plugins/measured/small`, host.cookie);
const hang = await client.request("hang", `${host.url}/plugins/neighbour/hang`, host.cookie);
const beside: Beside = { host, id: "neighbour", folder, client, hang };

await client.ask(question, 2);
const results: Results[] = NEIGHBOURS.map(({ name }) => ({ name, samples: [] }));
for (let round = 0; round < Number(options.rounds); round += 1) {
  console.error(`— round ${round + 1}`);
  for (let turn = 0; turn < NEIGHBOURS.length; turn += 1) {
    const index = (turn + round) % NEIGHBOURS.length;
    results[index]?.samples.push(await measure(NEIGHBOURS[index] as Neighbour));
  }
}
const markdown = report(machine, results);
console.log(`\n${markdown}`);
if (options.write) await Bun.write(README, withResult(await Bun.file(README).text(), markdown));

async function measure(neighbour: Neighbour): Promise<Sample> {
  await Bun.sleep(OVER_MS);
  await using going = new AsyncDisposableStack();
  going.use(await neighbour.begin(beside));
  await Bun.sleep(BEGUN_MS);
  const before = await cpuSeconds(host.pid);
  const steady = await client.ask(question, STEADY_SECONDS, STEADY_RATE);
  const hostCpu = ((await cpuSeconds(host.pid)) - before) / STEADY_SECONDS;
  const closed = await client.ask(question, CLOSED_SECONDS);
  return { steady, closed, hostCpu };
}
