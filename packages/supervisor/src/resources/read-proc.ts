import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  parseCpuTimes,
  parseMemory,
  parseProcessStat,
  parseUnits,
  type CpuTimes,
  type ProcessStat,
  type ProcUnits,
} from "./parse-proc.ts";

/** A stat line is shorter: 52 numbers and a name of 16 bytes (64 for kernel threads). */
const MAX_STAT_BYTES = 2_048;
/** Processes that are read before others have their turn: a millisecond or so. */
const PROCESSES_A_TURN = 50;

/** Synchronous reads: the kernel answers from memory, and a thread pool would cost ten times as much. */
export async function readProcesses(): Promise<Map<number, ProcessStat>> {
  const found = new Map<number, ProcessStat>();
  let count = 0;
  for (const name of await readdir("/proc")) {
    const first = name.charCodeAt(0);
    if (first < 0x31 || first > 0x39) continue;
    const stat = readProcess(name);
    if (stat !== null) found.set(stat.pid, stat);
    count += 1;
    if (count % PROCESSES_A_TURN === 0) await nextTurn();
  }
  return found;
}

const buffer = Buffer.allocUnsafe(MAX_STAT_BYTES);

/** Null where the process has ended meanwhile, or is hidden from this one. */
export function readProcess(pid: number | string): ProcessStat | null {
  let file: number | null = null;
  try {
    file = openSync(`/proc/${pid}/stat`, "r");
    return parseProcessStat(buffer, readSync(file, buffer, 0, MAX_STAT_BYTES, 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return null;
    throw error;
  } finally {
    if (file !== null) closeSync(file);
  }
}

export function readMachine(): { cpu: CpuTimes | null; memory: { total: number; used: number } | null } {
  return {
    cpu: parseCpuTimes(readFileSync("/proc/stat", "latin1")),
    memory: parseMemory(readFileSync("/proc/meminfo", "latin1")),
  };
}

export function readUnits(): ProcUnits {
  return parseUnits(readFileSync("/proc/self/auxv"));
}
