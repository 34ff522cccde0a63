/** Measures the host's logs: written by plugins, and read over HTTP; run.mjs prepares what it needs. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchmarkedHost } from "../forward/host.ts";
import { describeHardware, outputOf } from "../forward/machine.ts";
import { withResult } from "../forward/write-result.ts";
import { writeBigLog } from "./big-log.ts";
import { measurePrograms, measureReading, type ReadingSample } from "./reading.ts";
import { readingTable, writingTable } from "./report.ts";
import { measureWriting, WAYS, type WritingSample } from "./writing.ts";

const ROOT = join(import.meta.dir, "../..");
const README = join(import.meta.dir, "README.md");
const { values: options } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    host: { type: "string", default: join(ROOT, "dist/toru") },
  },
});
const ROUNDS = Number(options.rounds);
const WRITERS = Array.from({ length: 50 }, (_, index) => `log-${index}`);
const BIG = "big";

await using parts = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-logs-"));
parts.defer(() => rm(folder, { recursive: true }));
const logs = join(folder, "logs");
await mkdir(join(folder, "plugins"));
await install(BIG);
console.error("— writing a log of 1 GB");
const files = writeBigLog(join(logs, "plugins", `${BIG}.log`), BIG);
const reading: ReadingSample[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  console.error(`— reading, round ${round + 1}`);
  if (round % 2 === 1) reading.push(...(await measurePrograms(files)));
  await using own = new AsyncDisposableStack();
  const host = await BenchmarkedHost.start(options.host, folder, own);
  await host.allHealthy([BIG]);
  reading.push(...(await measureReading(host, BIG)));
  if (round % 2 === 0) reading.push(...(await measurePrograms(files)));
}

for (const id of WRITERS) await install(id);
const host = await BenchmarkedHost.start(options.host, folder, parts);
await host.allHealthy(WRITERS);
const writing: WritingSample[] = [];
for (let round = 0; round <= ROUNDS; round += 1) {
  console.error(`— writing, round ${round}`);
  const cases = WAYS.flatMap((way) => [WRITERS.slice(0, 1), WRITERS].map((ids) => ({ way, ids })));
  for (const { way, ids } of round % 2 === 0 ? cases : cases.toReversed()) {
    const sample = await measureWriting(host, logs, ids, way);
    if (round > 0) writing.push(sample); // the first warms up
  }
}
const text = [
  ...describeHardware().map((line) => `- ${line}`),
  `- ${await outputOf([options.host, "--version"])}, ${(await outputOf(["grep", "--version"])).split("\n")[0]}`,
  "",
  readingTable(reading),
  "",
  writingTable(writing),
].join("\n");
console.log(text);
if (options.write) await writeFile(README, withResult(await readFile(README, "utf8"), text));

async function install(id: string): Promise<void> {
  const program = join(import.meta.dir, "log-plugin.ts");
  const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' ${id} "$@"\n`;
  await writeFile(join(folder, "plugins", `${id}.binary`), script, { mode: 0o755 });
}
