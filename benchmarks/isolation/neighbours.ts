import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchmarkedHost } from "../forward/host.ts";
import { until } from "../forward/until.ts";
import type { Client, Question } from "../programs/client.ts";

/** Clients that wait for a neighbour which does not answer. */
const WAITING = 256;
const LIMIT = { limitMs: 30_000, intervalMs: 20 };

/** The plugin beside the measured one, and how to reach it. */
export interface Beside {
  host: BenchmarkedHost;
  id: string;
  folder: string;
  client: Client;
  hang: Question;
}

/** Something that goes on until its handle is disposed. */
export interface Neighbour {
  name: string;
  begin: (beside: Beside) => Promise<AsyncDisposable>;
}

const quiet = async (): Promise<AsyncDisposable> => ({ [Symbol.asyncDispose]: () => Promise.resolve() });

export const NEIGHBOURS = [
  { name: "quiet", begin: quiet },
  { name: "quiet, measured again", begin: quiet },
  { name: "no plugin: a process that spins", begin: spin },
  { name: `hangs, ${WAITING} clients wait`, begin: ({ client, hang }) => client.waiting(hang, WAITING) },
  { name: `stopped by SIGSTOP, ${WAITING} clients wait`, begin: stopped },
  { name: "crashes as often as it is started", begin: crashes },
  { name: "prints lines", begin: (beside) => flood(beside, "lines") },
  { name: "sends replies that nobody asked for", begin: (beside) => flood(beside, "frames") },
  { name: "stores values, 64 at a time", begin: (beside) => flood(beside, "kv") },
] as const satisfies readonly Neighbour[];

async function spin(): Promise<AsyncDisposable> {
  const child = Bun.spawn(["sh", "-c", "while :; do :; done"], { stdio: ["ignore", "ignore", "ignore"] });
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function stopped({ host, id, client, hang }: Beside): Promise<AsyncDisposable> {
  const pid = await pidOf(host, id);
  process.kill(pid, "SIGSTOP");
  const clients = await client.waiting(hang, WAITING);
  return {
    async [Symbol.asyncDispose]() {
      process.kill(pid, "SIGCONT");
      await clients[Symbol.asyncDispose]();
    },
  };
}

async function crashes({ host, id, folder }: Beside): Promise<AsyncDisposable> {
  const mark = join(folder, "data/plugins", id, "crash");
  await writeFile(mark, "");
  process.kill(await pidOf(host, id), "SIGKILL");
  return {
    async [Symbol.asyncDispose]() {
      await rm(mark);
      await host.allHealthy([id]);
    },
  };
}

async function flood({ host, id }: Beside, kind: "lines" | "frames" | "kv"): Promise<AsyncDisposable> {
  await (await host.fetch(`/plugins/${id}/flood/${kind}`)).text();
  return {
    async [Symbol.asyncDispose]() {
      await (await host.fetch(`/plugins/${id}/flood/stop`)).text();
    },
  };
}

function pidOf(host: BenchmarkedHost, id: string): Promise<number> {
  return until(`the process of ${id}`, async () => (await host.plugin(id))?.pid ?? null, LIMIT);
}
