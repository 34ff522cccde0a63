import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchmarkedHost } from "../forward/host.ts";
import { cpuSeconds } from "../forward/process-figures.ts";
import { until } from "../forward/until.ts";
import { numberIn } from "./lines.ts";

export const WAYS = ["stdout", "messages"] as const;
export type Way = (typeof WAYS)[number];

export interface WritingSample {
  way: Way;
  plugins: number;
  linesPerSecond: number;
  /** Of the host, for one line. */
  cpuUs: number;
  /** Lines that are not on disk exactly once. */
  wrong: number;
}

/** Lines of one sample, of all plugins together. They fit into what is kept of a log. */
const LINES = 200_000;
const LIMIT = { limitMs: 60_000, intervalMs: 2 };
const TAIL_BYTES = 1_024;
const KEPT_FILES = 6;
let runs = 0;

/** Has the plugins write, waits until their last lines are in the files, then looks at every line. */
export async function measureWriting(
  host: BenchmarkedHost,
  logs: string,
  ids: readonly string[],
  way: Way,
): Promise<WritingSample> {
  runs += 1;
  const tag = `run-${runs}`;
  const each = LINES / ids.length;
  const cpuBefore = await cpuSeconds(host.pid);
  const startedAt = performance.now();
  await Promise.all(
    ids.map(async (id) => {
      const response = await host.fetch(`/plugins/${id}/${way}?lines=${each}&tag=${tag}`);
      if (!response.ok) throw new Error(`${id} did not write: ${response.status} ${await response.text()}`);
      await until(`the last line of ${id}`, () => isLast(logPath(logs, id), `${tag} ${each - 1}.`), LIMIT);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuUs = (((await cpuSeconds(host.pid)) - cpuBefore) / LINES) * 1e6;
  const wrong = await Promise.all(ids.map((id) => wrongLines(logPath(logs, id), tag, each)));
  return { way, plugins: ids.length, linesPerSecond: LINES / seconds, cpuUs, wrong: wrong.reduce((a, b) => a + b) };
}

function logPath(logs: string, id: string): string {
  return join(logs, "plugins", `${id}.log`);
}

async function isLast(path: string, text: string): Promise<true | null> {
  await using file = await open(path).catch(() => null); // not there yet, or just being rotated
  if (file === null) return null;
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read(
    Buffer.alloc(TAIL_BYTES),
    0,
    TAIL_BYTES,
    Math.max(0, size - TAIL_BYTES),
  );
  return buffer.subarray(0, bytesRead).toString().includes(text) ? true : null;
}

/** How many of the numbers from 0 on are missing or there more than once. */
async function wrongLines(path: string, tag: string, count: number): Promise<number> {
  const seen = new Uint32Array(count);
  for (let age = 0; age < KEPT_FILES; age += 1) {
    const text = await readFile(age === 0 ? path : `${path}.${age}`, "utf8").catch(() => "");
    for (const line of text.split("\n")) {
      if (!line.includes(tag)) continue;
      const { message } = JSON.parse(line) as { message: string };
      const number = numberIn(message, tag);
      if (number !== null) seen[number] = (seen[number] ?? 0) + 1;
    }
  }
  return seen.filter((times) => times !== 1).length;
}
