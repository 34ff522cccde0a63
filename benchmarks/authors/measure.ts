import { copyFile, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchmarkedHost } from "../forward/host.ts";
import { outputOf } from "../forward/machine.ts";
import { withResult } from "../forward/write-result.ts";
import { wrk } from "../forward/wrk.ts";
import { Author, LANGUAGES, type Language } from "./author.ts";
import { machine } from "./machine.ts";
import { report, type Results } from "./report.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    write: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const EXECUTABLE = join(import.meta.dir, "../../dist/toru");
const README = join(import.meta.dir, "README.md");

await using parts = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-authors-"));
parts.defer(() => rm(folder, { recursive: true, force: true }));
await mkdir(join(folder, "plugins"));
const host = await BenchmarkedHost.start(EXECUTABLE, folder, parts);

const results: Results = { machine: await machine(EXECUTABLE), first: [], saves: [], trips: [] };
for (const language of LANGUAGES) {
  await measureAuthor(language, "cold"); // fills the caches of npm and cargo; not counted
  const firstMs: number[] = [];
  let saveMs: number[] = [];
  for (let round = 0; round < Math.min(rounds, 3); round += 1) {
    const measured = await measureAuthor(language, `timed${round}`);
    firstMs.push(measured.firstMs);
    saveMs = saveMs.concat(measured.saveMs);
  }
  results.first.push({ language, ms: firstMs });
  results.saves.push({ language, ms: saveMs });
}
results.trips = await measureTrips();
const text = report(results);
console.log(text);
if (values.write) await writeFile(README, withResult(await readFile(README, "utf8"), text));

async function measureAuthor(language: Language, name: string): Promise<{ firstMs: number; saveMs: number[] }> {
  const { author, firstMs } = await Author.begin(EXECUTABLE, host, folder, language, `${language}-${name}`);
  const saveMs: number[] = [];
  try {
    for (let number = 1; number <= rounds; number += 1) saveMs.push(await author.save(number));
  } finally {
    await author[Symbol.asyncDispose]();
  }
  console.error(
    `${language} ${name}: ${(firstMs / 1000).toFixed(1)} s, saves ${saveMs.map((ms) => ms.toFixed(0)).join(" ")} ms`,
  );
  return { firstMs, saveMs };
}

/** One request at a time to each language's plugin as it is released, the languages taking turns. */
async function measureTrips(): Promise<Results["trips"]> {
  const project = join(folder, "rust-timed0");
  await outputOf(["sh", "-c", `cd ${project} && cargo build --release --target-dir target`]);
  const plugin = join(folder, "plugins/rust-timed0.binary");
  await copyFile(join(project, "target/release/rust-timed0"), `${plugin}.new`);
  await chmod(`${plugin}.new`, 0o755);
  await rename(`${plugin}.new`, plugin);
  await Bun.sleep(2_000);
  await host.allHealthy(LANGUAGES.map((language) => `${language}-timed0`));
  const trips = LANGUAGES.map((language) => ({ language, p50Us: [] as number[], p99Us: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const trip of round % 2 === 0 ? trips : trips.toReversed()) {
      const url = `${host.url}/api/plugins/route/${trip.language}-timed0/bundle.js`;
      const { p50Us, p99Us } = await wrk(url, host.cookie, 1, seconds);
      if (round === 0) continue; // the warm-up
      trip.p50Us.push(p50Us);
      trip.p99Us.push(p99Us);
    }
  }
  return trips;
}
