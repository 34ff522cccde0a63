import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchmarkedHost } from "../forward/host.ts";
import { describeHardware, outputOf } from "../forward/machine.ts";
import { forgetPeak, memoryOf } from "../forward/process-figures.ts";
import { spreadOf } from "../forward/statistics.ts";
import { until } from "../forward/until.ts";
import { withResult } from "../forward/write-result.ts";

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
const ROOT = join(import.meta.dir, "../..");
const EXECUTABLE = join(ROOT, "dist/toru");
const README = join(import.meta.dir, "README.md");
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const ROUNDS = 3;
const CANCELS = 200;
/** What the project promises. */
const MOST_GROWTH_BYTES = 32 * MIB;
const MOST_CANCEL_MS = 50;

await using parts = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "toru-streams-"));
parts.defer(() => rm(folder, { recursive: true, force: true }));
await mkdir(join(folder, "plugins"));
await copyFile(join(ROOT, "packages/server/tests/plugins/streams.py"), join(folder, "plugins/acme.binary"));
await chmod(join(folder, "plugins/acme.binary"), 0o755);
const host = await BenchmarkedHost.start(EXECUTABLE, folder, parts);
await host.allHealthy(["acme"]);

const piece = new Uint8Array(64 * 1024).fill(7);
await upload(16 * MIB); // warms both up
await download(16 * MIB);
const ups: Passage[] = [];
const downs: Passage[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  ups.push(await measured(() => upload(GIB)));
  downs.push(await measured(() => download(GIB)));
}
const cancelMs: number[] = [];
for (let count = 0; count < CANCELS; count += 1) cancelMs.push(await cancel());
const text = await report();
console.log(text);
if (values.write) await writeFile(README, withResult(await readFile(README, "utf8"), text));

interface Passage {
  seconds: number;
  growthBytes: number;
}

/** The highest resident memory during `passage` over the one before. */
async function measured(passage: () => Promise<void>): Promise<Passage> {
  await forgetPeak(host.pid);
  const { residentBytes: before } = await memoryOf(host.pid);
  const startedAt = performance.now();
  await passage();
  const seconds = (performance.now() - startedAt) / 1000;
  const { peakBytes } = await memoryOf(host.pid);
  return { seconds, growthBytes: Math.max(0, peakBytes - before) };
}

async function upload(bytes: number): Promise<void> {
  let left = bytes;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(piece);
      left -= piece.length;
      if (left <= 0) controller.close();
    },
  });
  const headers = { cookie: host.cookie, origin: host.url };
  const answer = await fetch(`${host.url}/plugins/acme/digest`, { method: "POST", body, headers });
  const received = (await answer.json()) as { bytes: number; sha256: string; aborted: boolean };
  const expected = createHash("sha256");
  for (let count = 0; count < bytes; count += piece.length) expected.update(piece);
  if (received.bytes !== bytes || received.aborted || received.sha256 !== expected.digest("hex"))
    throw new Error(`the upload arrived as ${JSON.stringify(received)}`);
}

async function download(bytes: number): Promise<void> {
  const answer = await host.fetch(`/plugins/acme/count?bytes=${bytes}`);
  const [hash, expected] = [createHash("sha256"), createHash("sha256")];
  for await (const chunk of answer.body ?? []) hash.update(chunk);
  const numbers = Uint8Array.from({ length: MIB }, (_, index) => index & 255);
  for (let count = 0; count < bytes; count += numbers.length) expected.update(numbers);
  if (hash.digest("hex") !== expected.digest("hex")) throw new Error("the download arrived with other bytes");
}

/** Milliseconds from a client's leaving until the plugin is told. */
async function cancel(): Promise<number> {
  const stopped = async () =>
    (await (await host.fetch("/plugins/acme/stopped")).json()) as { stopped: number; at: number };
  const before = (await stopped()).stopped;
  const client = new AbortController();
  const headers = { cookie: host.cookie };
  const answer = await fetch(`${host.url}/plugins/acme/hold`, { signal: client.signal, headers });
  await answer.body?.getReader().read();
  const leftAt = performance.timeOrigin + performance.now();
  client.abort();
  const limits = { limitMs: 10_000, intervalMs: 2 };
  const { at } = await until(
    "the plugin's stop",
    async () => stopped().then((now) => (now.stopped > before ? now : null)),
    limits,
  );
  return Math.max(0, at * 1000 - leftAt);
}

async function report(): Promise<string> {
  const row = (name: string, passages: Passage[]) => {
    const rate = spreadOf(passages.map(({ seconds }) => 1024 / seconds));
    const growth = spreadOf(passages.map(({ growthBytes }) => growthBytes / MIB));
    const met = growth.most * MIB < MOST_GROWTH_BYTES ? "yes" : "**no**";
    return `| ${name} | ${rate.median.toFixed(0)} (${rate.least.toFixed(0)}–${rate.most.toFixed(0)}) | ${growth.median.toFixed(0)} (at most ${growth.most.toFixed(0)}) | ${met} |`;
  };
  const sorted = cancelMs.toSorted((one, other) => one - other);
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
  return [
    ...describeHardware().map((line) => `- ${line}`),
    `- ${await outputOf([EXECUTABLE, "--version"])}, ${await outputOf(["python3", "--version"])}`,
    "",
    "| 1 GiB, byte for byte | MiB/s, median (least–most) | growth of the host's memory, MiB | under 32 MiB |",
    "| --- | --- | --- | --- |",
    row("up", ups),
    row("down", downs),
    "",
    `From a client's leaving to the plugin's knowing, ${CANCELS} times: median ${spreadOf(cancelMs).median.toFixed(1)} ms, ` +
      `99th percentile ${p99.toFixed(1)} ms (promised: under ${MOST_CANCEL_MS} ms: ${p99 < MOST_CANCEL_MS ? "met" : "**missed**"}).`,
  ].join("\n");
}
