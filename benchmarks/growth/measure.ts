/** Measures the host with ever more plugins; run.mjs prepares what it needs. */
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pluginListSchema } from "@toru/http-api";
import { BenchmarkedHost } from "../forward/host.ts";
import { describeHardware, outputOf } from "../forward/machine.ts";
import { cpuSeconds, memoryOf } from "../forward/process-figures.ts";
import { medianOf } from "../forward/statistics.ts";
import { until } from "../forward/until.ts";
import { withResult } from "../forward/write-result.ts";
import { wrk } from "../forward/wrk.ts";

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
const ROOT = join(import.meta.dir, "../..");
const EXECUTABLE = join(ROOT, "dist/toru");
const README = join(import.meta.dir, "README.md");
const FIXTURE = join(ROOT, "packages/server/tests/plugins/v2.py");
const COUNTS = [1, 10, 100];
const IDLE_MS = 10_000;
const LOAD_SECONDS = 3;
const ROUNDS = 3;

interface Figures {
  count: number;
  /** From the start of the process to its first answer. */
  hostReadyMs: number;
  allHealthyMs: number;
  idleBytes: number;
  /** Of one processor, over IDLE_MS. */
  idleCpuPercent: number;
  requestUs: number;
  listUs: number;
}

const results: Figures[] = [];
for (const count of COUNTS) {
  console.error(`— ${count} plugins`);
  results.push(await measure(count));
}
const text = await report();
console.log(text);
if (values.write) await writeFile(README, withResult(await readFile(README, "utf8"), text));

async function measure(count: number): Promise<Figures> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "toru-growth-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "plugins"));
  for (let number = 0; number < count; number += 1) {
    const target = join(folder, "plugins", `plugin-${number}.binary`);
    await copyFile(FIXTURE, target);
    await chmod(target, 0o755);
  }
  const startedAt = performance.now();
  const host = await BenchmarkedHost.start(EXECUTABLE, folder, parts);
  const hostReadyMs = performance.now() - startedAt;
  await until(
    "all plugins in good health",
    async () => {
      const plugins = pluginListSchema.parse(await (await host.fetch("/api/plugins")).json());
      const healthy = plugins.filter((plugin) => plugin.status !== "invalid" && plugin.health === "healthy");
      return healthy.length === count ? true : null;
    },
    { limitMs: 120_000, intervalMs: 50 },
  );
  const allHealthyMs = performance.now() - startedAt;
  const cpuBefore = await cpuSeconds(host.pid);
  await Bun.sleep(IDLE_MS);
  const idleCpuPercent = (((await cpuSeconds(host.pid)) - cpuBefore) / (IDLE_MS / 1000)) * 100;
  const { residentBytes: idleBytes } = await memoryOf(host.pid);
  const requestUs: number[] = [];
  const listUs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // The last plugin: whatever is searched in order finds it last.
    requestUs.push(await median(host, `/plugins/plugin-${count - 1}/status/200`));
    listUs.push(await median(host, `/api/plugins/plugin-${count - 1}`));
  }
  return {
    count,
    hostReadyMs,
    allHealthyMs,
    idleBytes,
    idleCpuPercent,
    requestUs: medianOf(requestUs),
    listUs: medianOf(listUs),
  };
}

async function median(host: BenchmarkedHost, path: string): Promise<number> {
  return (await wrk(`${host.url}${path}`, host.cookie, 1, LOAD_SECONDS)).p50Us;
}

async function report(): Promise<string> {
  const [first] = results;
  const ratio = (value: number, of: number | undefined) => (of === undefined ? "" : ` (${(value / of).toFixed(2)})`);
  const rows = results.map((row) => [
    String(row.count),
    row.hostReadyMs.toFixed(0),
    row.allHealthyMs.toFixed(0),
    (row.idleBytes / 1e6).toFixed(0),
    row.idleCpuPercent.toFixed(2),
    `${row.requestUs.toFixed(0)}${ratio(row.requestUs, first?.requestUs)}`,
    `${row.listUs.toFixed(0)}${ratio(row.listUs, first?.listUs)}`,
  ]);
  const head = [
    "plugins",
    "host ready, ms",
    "all healthy, ms",
    "memory idle, MB",
    "CPU idle, % of one",
    "a request, p50 µs (÷ first)",
    "one plugin's state, p50 µs (÷ first)",
  ];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    ...describeHardware().map((line) => `- ${line}`),
    `- ${await outputOf([EXECUTABLE, "--version"])}, ${await outputOf(["python3", "--version"])}`,
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
  ].join("\n");
}
