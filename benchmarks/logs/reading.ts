import type { BenchmarkedHost } from "../forward/host.ts";
import { forgetPeak, memoryOf } from "../forward/process-figures.ts";
import { RARE_LINES, RARE_WORD } from "./big-log.ts";

export const QUESTIONS = ["last page", "rare word", "rare word, again"] as const;
export type Question = (typeof QUESTIONS)[number];

export interface ReadingSample {
  question: Question | "tail" | "grep";
  milliseconds: number;
  /** Of the host, over what it had before. 0 for other programs. */
  growthBytes: number;
  /** The longest that a request for the host's health took meanwhile. 0 for other programs. */
  healthMs: number;
}

/** Asks a host that has not read the log before, in the order of QUESTIONS. */
export async function measureReading(host: BenchmarkedHost, id: string): Promise<ReadingSample[]> {
  const search = `/api/plugins/${id}/logs?q=${RARE_WORD.toUpperCase()}`;
  return [
    await ask(host, "last page", `/api/plugins/${id}/logs`, 100),
    await ask(host, "rare word", search, RARE_LINES),
    await ask(host, "rare word, again", search, RARE_LINES),
  ];
}

async function ask(host: BenchmarkedHost, question: Question, path: string, expected: number): Promise<ReadingSample> {
  const { residentBytes } = await memoryOf(host.pid);
  await forgetPeak(host.pid);
  const startedAt = performance.now();
  const answer = host.fetch(path).then(async (response) => (await response.json()) as { logs: unknown[] });
  let milliseconds = 0;
  void answer.then(() => (milliseconds = performance.now() - startedAt));
  const healthMs = await longestHealth(host, () => milliseconds > 0);
  const { logs } = await answer;
  if (logs.length !== expected) throw new Error(`${path} gave ${logs.length} lines, not ${expected}`);
  const growthBytes = (await memoryOf(host.pid)).peakBytes - residentBytes;
  return { question, milliseconds, growthBytes, healthMs };
}

async function longestHealth(host: BenchmarkedHost, isOver: () => boolean): Promise<number> {
  let longest = 0;
  do {
    const askedAt = performance.now();
    await (await host.fetch("/healthz")).text();
    longest = Math.max(longest, performance.now() - askedAt);
    await Bun.sleep(2);
  } while (!isOver());
  return longest;
}

/** The same of the programs that one would use without a host. */
export async function measurePrograms(files: readonly string[]): Promise<ReadingSample[]> {
  return [
    await program("tail", ["tail", "-n", "100", files[0] ?? ""], 100),
    await program("grep", ["grep", "-hiF", RARE_WORD.toUpperCase(), ...files], RARE_LINES),
  ];
}

async function program(question: "tail" | "grep", command: string[], expected: number): Promise<ReadingSample> {
  const startedAt = performance.now();
  const child = Bun.spawn(command, { stdout: "pipe", env: { ...process.env, LC_ALL: "C.UTF-8" } });
  const lines = (await new Response(child.stdout).text()).split("\n").length - 1;
  if (lines !== expected) throw new Error(`${question} found ${lines} lines, not ${expected}`);
  return { question, milliseconds: performance.now() - startedAt, growthBytes: 0, healthMs: 0 };
}
