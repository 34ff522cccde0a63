import { expect, test } from "bun:test";
import { tellsOfKill } from "./out-of-memory.ts";

const LOG = `[    0.000000] Linux version 6
[  900.500000] Out of memory: Killed process 42 (python3) total-vm:9kB, anon-rss:9kB
[ 1000.500000] Memory cgroup out of memory: Killed process 43 (sh) total-vm:9kB
[ 1001.000000] oom_reaper: reaped process 44 (sh), now anon-rss:0kB
`;

test("the kernel's word counts for that process alone, not for an earlier one of its number", () => {
  expect(tellsOfKill(LOG, 42, 900)).toBe(true);
  expect(tellsOfKill(LOG, 43, 1000)).toBe(true);
  expect(tellsOfKill(LOG, 42, 901)).toBe(false);
  expect(tellsOfKill(LOG, 4, 0)).toBe(false);
  expect(tellsOfKill(LOG, 44, 0)).toBe(false);
});
