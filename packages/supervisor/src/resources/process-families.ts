import type { ProcessStat } from "./parse-proc.ts";

/**
 * The processes of each leader, by its number: its group, and descendants that left the group. Only a leader that is a
 * child of `parent` counts: another process of its number is a stranger. Who was left by its parent and has a group of its
 * own belongs to nobody.
 */
export function processFamilies(
  all: ReadonlyMap<number, ProcessStat>,
  leaders: Iterable<number>,
  parent: number,
): Map<number, ProcessStat[]> {
  const families = new Map<number, ProcessStat[]>();
  for (const leader of leaders) if (all.get(leader)?.parent === parent) families.set(leader, []);
  const known = new Map<number, number | null>([[parent, null]]);
  for (const stat of all.values()) {
    const leader = leaderOf(stat, all, families, known);
    if (leader !== null) families.get(leader)?.push(stat);
  }
  return families;
}

/** `known` keeps what was found on the way, so that each process is looked at once. */
function leaderOf(
  stat: ProcessStat,
  all: ReadonlyMap<number, ProcessStat>,
  families: ReadonlyMap<number, unknown>,
  known: Map<number, number | null>,
): number | null {
  const line: number[] = [];
  let leader: number | null = null;
  for (let next: ProcessStat | undefined = stat; next !== undefined; next = all.get(next.parent)) {
    const found = families.has(next.group) ? next.group : known.get(next.pid);
    if (found !== undefined) {
      leader = found;
      break;
    }
    line.push(next.pid);
    // The list is not of one moment: numbers that were given anew meanwhile could lead in a circle.
    known.set(next.pid, null);
  }
  for (const pid of line) known.set(pid, leader);
  return leader;
}
