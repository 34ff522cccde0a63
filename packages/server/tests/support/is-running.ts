import { readFile } from "node:fs/promises";
import { until } from "./until.ts";

/** Whether the process exists and is more than a zombie that nobody has collected yet. */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return stat !== "" && stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
}

export function untilGone(pid: number, patienceMs?: number): Promise<boolean> {
  return until(`process ${pid} is gone`, async () => !(await isRunning(pid)), patienceMs);
}
