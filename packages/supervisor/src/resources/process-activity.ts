import { readFileSync } from "node:fs";
import { readProcess } from "./read-proc.ts";

/** Of a process and its descendants. */
export interface Activity {
  /** None of them uses a processor, nor wants one, nor waits for a disk. */
  sleeps: boolean;
  /** Of processors that they have used, in clock ticks. */
  ticks: number;
}

/** Descendants that are looked at. */
const MAX_PROCESSES = 16;

/** Null where the process has ended, or the host cannot look just now. */
export function activityOf(pid: number): Activity | null {
  const activity: Activity = { sleeps: true, ticks: 0 };
  const family = [pid];
  try {
    for (let next = 0; next < family.length && next < MAX_PROCESSES; next += 1) {
      const member = family[next] ?? pid;
      const stat = readProcess(member);
      if (stat === null && member === pid) return null;
      if (stat === null) continue;
      activity.ticks += stat.ticks;
      if (stat.isActive) activity.sleeps = false;
      family.push(...childrenOf(member));
    }
  } catch {
    return null; // too many files are open
  }
  return activity;
}

/** None where it has ended, or the kernel keeps no list. */
function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    return list === "" ? [] : list.split(" ").map(Number);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return [];
    throw error;
  }
}
