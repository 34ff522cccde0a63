import { readdir, readFile } from "node:fs/promises";

/** What a process holds, as the kernel counts it. */
export interface ProcessFacts {
  descriptors: number;
  threads: number;
  residentBytes: number;
  /** Children that have ended and were not collected. */
  zombies: number;
}

export async function processFacts(pid: number): Promise<ProcessFacts> {
  return {
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
    threads: (await readdir(`/proc/${pid}/task`)).length,
    residentBytes: await residentBytes(pid),
    zombies: await zombies(pid),
  };
}

export async function residentBytes(pid: number): Promise<number> {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "latin1"))?.[1];
  if (kibibytes === undefined) throw new Error(`process ${pid} has no memory: it has ended`);
  return Number(kibibytes) * 1024;
}

async function zombies(parent: number): Promise<number> {
  let count = 0;
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "latin1").catch(() => ""); // ended meanwhile
    const [state, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" && Number(parentPid) === parent) count += 1;
  }
  return count;
}
