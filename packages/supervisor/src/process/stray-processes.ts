import { readdir, readFile } from "node:fs/promises";
import { INSTANCE_ID_VARIABLE, PLUGIN_ID_VARIABLE } from "./environment.ts";
import { startOf } from "./process-group.ts";
import { readProcess } from "../resources/read-proc.ts";

/**
 * Kills every process that carries this host's mark in its environment: children that left their plugin's group, and
 * whatever an earlier run of the host left behind. With `pluginIds`, only those of these plugins. A process without the
 * mark is never touched. Returns the numbers of those that were signalled.
 */
export async function killStrayProcesses(instanceId: string, pluginIds?: ReadonlySet<string>): Promise<number[]> {
  const killed: number[] = [];
  const own = ownLine();
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || own.has(pid)) continue;
    if (!(await isOurs(pid, instanceId, pluginIds))) continue;
    const start = startOf(pid);
    // What has the number by now may be another process.
    if ((await isOurs(pid, instanceId, pluginIds)) && startOf(pid) === start) killed.push(...kill(pid));
  }
  return killed;
}

async function isOurs(pid: number, instanceId: string, pluginIds?: ReadonlySet<string>): Promise<boolean> {
  // Gone, or another user's process: not ours to kill either way.
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(ignoreUnreadable);
  const variables = environment.split("\0");
  if (!variables.includes(`${INSTANCE_ID_VARIABLE}=${instanceId}`)) return false;
  if (pluginIds === undefined) return true;
  const mark = `${PLUGIN_ID_VARIABLE}=`;
  return variables.some((variable) => variable.startsWith(mark) && pluginIds.has(variable.slice(mark.length)));
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
