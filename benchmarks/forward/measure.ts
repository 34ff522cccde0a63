/** Measures the host against nginx and Caddy; run.mjs prepares what it needs. */
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchmarkedHost } from "./host.ts";
import { checkSameAnswers, LOAD_CASES, measureCase, type LoadOptions } from "./load.ts";
import { describeMachine, outputOf } from "./machine.ts";
import { startCaddy } from "./caddy.ts";
import { startNginx } from "./nginx.ts";
import { forgetPeak, memoryOf } from "./process-figures.ts";
import { report, type Results } from "./report.ts";
import { successorTimes } from "./successor.ts";
import { withResult } from "./write-result.ts";

const REPOSITORY = join(import.meta.dir, "..", "..");
const README = join(import.meta.dir, "README.md");
const IDLE_MS = 10_000;
const FIXTURES = Array.from({ length: 10 }, (_, index) => `fixture-${index}`);

const { values: options } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    host: { type: "string", default: join(REPOSITORY, "dist", "toru") },
  },
});

const rounds = atLeastOne("rounds");
const seconds = atLeastOne("seconds");
const interrupted = new Promise<never>((_resolve, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  }
});

await using parts = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-forward-"));
parts.defer(() => rm(folder, { recursive: true }));

const markdown = report(await Promise.race([measureAll(parts), interrupted]));
console.log(`\n${markdown}`);
if (options.write) await Bun.write(README, withResult(await Bun.file(README).text(), markdown));

async function measureAll(parts: AsyncDisposableStack): Promise<Results> {
  const machine = await describeMachine(await outputOf([...hostCommand(), "--version"]));
  await installFixtures();
  const host = await BenchmarkedHost.start(options.host, folder, parts);
  await host.allHealthy(FIXTURES);
  say(`idle for ${IDLE_MS / 1000} s`);
  await Bun.sleep(IDLE_MS);
  const idle = await memoryOf(host.pid);

  await installBackend();
  await host.allHealthy(["bench"]);
  const backend = join(folder, "data", "plugins", "bench", "http.sock");
  const nginx = await startNginx(join(folder, "nginx"), backend, parts);
  const caddy = await startCaddy(join(folder, "caddy"), backend, parts);
  const loadOptions: LoadOptions = {
    proxies: [host, nginx, caddy],
    cookie: host.cookie,
    rounds,
    seconds,
  };
  await checkSameAnswers(loadOptions);
  await forgetPeak(host.pid);
  const load: Results["load"] = [];
  for (const loadCase of LOAD_CASES) {
    say(`${loadCase.path}, ${loadCase.connections} connections`);
    load.push({ case: loadCase, rounds: await measureCase(loadCase, loadOptions) });
  }
  await Bun.sleep(IDLE_MS);
  const loaded = await memoryOf(host.pid);
  say("killing plugins");
  return { machine, load, idle, loaded, successorMs: await successorTimes(host, FIXTURES) };
}

async function installFixtures(): Promise<void> {
  await mkdir(join(folder, "plugins"));
  const source = join(REPOSITORY, "packages", "server", "tests", "plugins", "v2.py");
  for (const id of FIXTURES) {
    const file = join(folder, "plugins", `${id}.binary`);
    await copyFile(source, file);
    await chmod(file, 0o755);
  }
}

/** Built outside the plugins folder, which the host watches, and moved there whole. */
async function installBackend(): Promise<void> {
  const built = join(folder, "bench");
  const result = await Bun.build({ entrypoints: [join(import.meta.dir, "backend.ts")], compile: { outfile: built } });
  if (!result.success)
    throw new Error(`the backend cannot be built:\n${result.logs.map(({ message }) => message).join("\n")}`);
  await rename(built, join(folder, "plugins", "bench.binary"));
}

function atLeastOne(name: "rounds" | "seconds"): number {
  const value = Number(options[name]);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name} must be a whole number from 1, not ${options[name]}`);
}

function hostCommand(): string[] {
  return options.host.endsWith(".ts") ? [process.execPath, options.host] : [options.host];
}

function say(text: string): void {
  console.error(`— ${text}`);
}
