/**
 * Millions of inputs: `node scripts/soak/fuzz.mjs` starts it. `wire` fuzzes what is written in TypeScript, `frames FILE` writes
 * frames for all languages, `compare FILE` holds their verdicts against each other, `api` asks a host.
 */
import { ApiFuzzer, startFuzzedHost } from "./api/fuzz-api.ts";
import { Dice } from "./dice.ts";
import { checkHostCodec } from "./host-codec.ts";
import { HostLinkFuzzer } from "./host-link.ts";
import { checkRoundTrips } from "./round-trips.ts";
import { checkSdkConnection } from "./sdk-connection.ts";
import { fuzz, SEED } from "./seed.ts";
import { anyPayload, examVerdict, hostVerdict, sdkVerdict } from "./verdict.ts";

const MIB = 1024 * 1024;
/** What the process may have more at the end than after a first part of the work. */
const MAX_GROWTH_BYTES = 64 * MIB;
const FRAMES = 200_000;
const API_REQUESTS = 30_000;

async function many(name: string, cases: number, run: (seed: number) => number | Promise<number>): Promise<void> {
  const began = performance.now();
  let inputs = 0;
  const part = async (count: number) => fuzz(count, async (seed) => void (inputs += await run(seed)));
  await part(Math.ceil(cases / 10));
  const before = memory();
  await part(cases);
  const growth = memory() - before;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name}: ${inputs} inputs in ${seconds} s, ${(growth / MIB).toFixed(1)} MiB more memory`);
  if (growth > MAX_GROWTH_BYTES) throw new Error(`${name}: the memory grows`);
}

function memory(): number {
  Bun.gc(true);
  return process.memoryUsage.rss();
}

async function wire(): Promise<void> {
  await many("The host's codec", 500_000, (seed) => checkHostCodec(new Dice(seed)));
  await many("Round trips", 50_000, (seed) => checkRoundTrips(new Dice(seed)));
  await many("A plugin in TypeScript", 250_000, (seed) => checkSdkConnection(new Dice(seed)));
  await using link = await HostLinkFuzzer.start();
  await many("The host's link, version 2", 40_000, (seed) => link.checkV2(new Dice(seed)));
  await many("The host's link, version 1", 20_000, (seed) => link.checkV1(new Dice(seed)));
}

/** One payload in hex on each line. */
async function writeFrames(file: string): Promise<void> {
  const lines = Array.from({ length: FRAMES }, (_, index) => anyPayload(new Dice(SEED + index)).toString("hex"));
  await Bun.write(file, `${lines.join("\n")}\n`);
}

async function compare(file: string): Promise<void> {
  const linesOf = async (name: string) => (await Bun.file(name).text()).trimEnd().split("\n");
  const [frames, python, rust] = await Promise.all([file, `${file}.python`, `${file}.rust`].map(linesOf));
  const counts: Record<string, number> = {};
  const differences: string[] = [];
  for (const [index, hex] of (frames ?? []).entries()) {
    const payload = Buffer.from(hex, "hex");
    const [verdict, host, exam] = [sdkVerdict(payload), hostVerdict(payload), examVerdict(payload)];
    const isSame = python?.[index] === verdict && rust?.[index] === verdict && host === exam;
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    if (isSame && host === verdict.replace(/^(invalid_)?request$/, "message")) continue;
    const others = `exam ${exam}, TypeScript ${verdict}, Python ${python?.[index]}, Rust ${rust?.[index]}`;
    differences.push(`host ${host}, ${others}: ${hex}`);
  }
  if (differences.length > 0)
    throw new Error(`${differences.length} differences\n${differences.slice(0, 10).join("\n")}`);
  console.log(`Five readers say the same of ${frames?.length} frames:`, counts);
}

async function api(): Promise<void> {
  await using host = await startFuzzedHost();
  const fuzzer = await ApiFuzzer.of(host);
  await fuzzer.run(API_REQUESTS, SEED);
  console.log(`The API: ${API_REQUESTS} requests to ${fuzzer.operations} operations, by status:`, fuzzer.statuses);
  if (fuzzer.faults.length > 0) throw new Error(fuzzer.faults.join("\n"));
  if (!(await fuzzer.isWell())) throw new Error("the host is not well");
}

const [command = "", file = ""] = process.argv.slice(2);
const commands: Record<string, () => Promise<void>> = {
  wire,
  api,
  frames: () => writeFrames(file),
  compare: () => compare(file),
};
const run = commands[command];
if (run === undefined) throw new Error(`no part ${command}; there are ${Object.keys(commands).join(", ")}`);
await run();
