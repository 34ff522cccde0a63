import { readUnits } from "../resources/read-proc.ts";
import { within } from "./within.ts";

/** Longest look at the kernel's log, in milliseconds. */
const LOOK_MS = 1_000;
/**
 * Whether the kernel says in its log that it killed this process for want of memory. False also where the log cannot be read,
 * which often only root may. `start` is that of the process, in ticks since the machine's.
 */
export async function wasKilledForMemory(pid: number, start: number | null): Promise<boolean> {
  const dmesg = Bun.which("dmesg");
  if (dmesg === null || start === null) return false;
  const child = Bun.spawn([dmesg], { env: { LC_ALL: "C" }, stdio: ["ignore", "pipe", "ignore"] });
  const text = await within(new Response(child.stdout).text(), LOOK_MS);
  if (text === null) child.kill("SIGKILL");
  return text !== null && tellsOfKill(text, pid, start / readUnits().ticksPerSecond);
}

/** `startSeconds` tells the process from an earlier one of its number. */
export function tellsOfKill(kernelLog: string, pid: number, startSeconds: number): boolean {
  const line = new RegExp(`^\\[ *(\\d+\\.\\d+)\\].*out of memory: Killed process ${pid} \\(`, "gim");
  return [...kernelLog.matchAll(line)].some(([, at]) => Number(at) >= startSeconds);
}
