import { readFile, writeFile } from "node:fs/promises";

/** USER_HZ of Linux, the unit of CPU times in /proc. */
const TICKS_PER_SECOND = 100;
const BYTES_PER_KIB = 1024;

export interface Memory {
  residentBytes: number;
  /** Proportional: pages that are shared with other processes count by their share. */
  proportionalBytes: number;
  /** Most that was resident since the start or the last `forgetPeak`. */
  peakBytes: number;
}

/** User and system time of all threads so far, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold spaces; behind it field 3 is the first.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks / TICKS_PER_SECOND;
}

export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const shared = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return {
    residentBytes: kibibytes(status, "VmRSS"),
    proportionalBytes: kibibytes(shared, "Pss"),
    peakBytes: kibibytes(status, "VmHWM"),
  };
}

/** `peakBytes` counts from now on. */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}

function kibibytes(text: string, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text);
  if (found === null) throw new Error(`/proc names no ${field}; this benchmark wants Linux 4.14 or later`);
  return Number(found[1]) * BYTES_PER_KIB;
}
