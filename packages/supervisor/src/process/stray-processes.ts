import { readdir, readFile } from "node:fs/promises";
import { INSTANCE_ID_VARIABLE, PLUGIN_ID_VARIABLE } from "./environment.ts";
import { startOf } from "./process-group.ts";
import { readProcess } from "../resources/read-proc.ts";

/**
 * Kills every process that carries this host's mark in its environment: children that left their plugin's group, and
 * whatever an earlier run of the host left behind. With `pluginId`, only those of that plugin. A process without the
 * mark is never touched. Returns the numbers of those that were signalled.
 */
export async function killStrayProcesses(instanceId: string, pluginId?: string): Promise<number[]> {
  const marks = [`${INSTANCE_ID_VARIABLE}=${instanceId}`];
  if (pluginId !== undefined) marks.push(`${PLUGIN_ID_VARIABLE}=${pluginId}`);
  const killed: number[] = [];
  const own = ownLine();
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || own.has(pid)) continue;
    if (!(await carries(pid, marks))) continue;
    const start = startOf(pid);
    // What has the number by now may be another process.
    if ((await carries(pid, marks)) && startOf(pid) === start) killed.push(...kill(pid));
  }
  return killed;
}

async function carries(pid: number, marks: string[]): Promise<boolean> {
  // Gone, or another user's process: not ours to kill either way.
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(ignoreUnreadable);
  if (environment === "") return false;
  const variables = new Set(environment.split("\0"));
  return marks.every((mark) => variables.has(mark));
}

function ignoreUnreadable(error: NodeJS.ErrnoException): string {
  if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(error.code ?? "")) return "";
  throw error;
}

function kill(pid: number): number[] {
  try {
    process.kill(pid, "SIGKILL");
    return [pid];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH" || code === "EPERM") return []; // gone, or another user's by now
    throw error;
  }
}

/** This process and its ancestors: a host that was itself started by a plugin would carry the mark. */
function ownLine(): Set<number> {
  const line = new Set<number>();
  let pid = process.pid;
  while (pid > 0 && !line.has(pid)) {
    line.add(pid);
    pid = readProcess(pid)?.parent ?? 0;
  }
  return line;
}
