import type { ProcessStat } from "./parse-proc.ts";

export function processStat(facts: Partial<ProcessStat> & { pid: number }): ProcessStat {
  return {
    isActive: false,
    parent: 1,
    group: facts.pid,
    ticks: 0,
    childTicks: 0,
    startedAt: 10,
    residentPages: 1,
    ...facts,
  };
}
