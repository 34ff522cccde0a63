import type { ProcessStat } from "./parse-proc.ts";

/**
 * Clock ticks that a family of processes used from one look to the next; never negative. A process is the same one only
 * where its start is the same too. One that was not known although it started before `lookedAt`, in ticks since the
 * machine's start, counts from the next look on. What a child used stays in its own count while it runs and moves to its
 * parent when it has ended, so what was counted of those who are gone is taken from what the parents gained.
 */
export function ticksBetween(before: readonly ProcessStat[], after: readonly ProcessStat[], lookedAt: number): number {
  const gone = new Map(before.map((stat) => [stat.pid, stat]));
  let own = 0;
  let inherited = 0;
  for (const stat of after) {
    const known = gone.get(stat.pid);
    if (known?.startedAt === stat.startedAt) {
      gone.delete(stat.pid);
      own += Math.max(0, stat.ticks - known.ticks);
      inherited += Math.max(0, stat.childTicks - known.childTicks);
    } else if (stat.startedAt >= lookedAt) {
      own += stat.ticks;
      inherited += stat.childTicks;
    }
  }
  for (const { ticks, childTicks } of gone.values()) inherited -= ticks + childTicks;
  return own + Math.max(0, inherited);
}
