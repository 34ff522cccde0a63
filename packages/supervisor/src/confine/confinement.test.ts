import { expect, test } from "bun:test";
import { parseConfinement, UNCONFINED } from "./confinement.ts";
import { launchPrefix, planLimits } from "./plan-launch.ts";

const LIMITS = { memory_mib: 64, processes: 8, cpu_percent: 50, cpu_seconds: 10 };
const PARSED = { memoryMib: 64, processes: 8, cpuPercent: 50, cpuSeconds: 10 };

test("an entry without either confines nothing; a user and limits are taken; other keys are left alone", () => {
  expect(parseConfinement({ enabled: false, note: "x" })).toEqual(UNCONFINED);
  expect(parseConfinement({ user: "toru-acme", limits: LIMITS })).toEqual({ user: "toru-acme", limits: PARSED });
  expect(parseConfinement({ user: "1001" })).toMatchObject({ user: "1001" });
});

test.each([
  [{ user: 5 }, "user is no name"],
  [{ user: "--reuid=0" }, "user is no name"],
  [{ user: "" }, "user is no name"],
  [{ limits: [] }, "limits is not an object"],
  [{ limits: { memory: 5 } }, "limits.memory is none of memory_mib"],
  [{ limits: { processes: 0 } }, "limits.processes is not a whole number from 1"],
  [{ limits: { cpu_percent: 1.5 } }, "limits.cpu_percent is not a whole number"],
  [{ limits: { memory_mib: "64" } }, "limits.memory_mib is not a whole number"],
])("%j is refused in words", (entry, words) => {
  expect(parseConfinement(entry)).toContain(words);
});

test("limits are kept by the cgroup where that has the controllers, else by rlimits, else nothing keeps them", () => {
  const all = new Set(["cpu", "memory", "pids"]);
  expect(planLimits(PARSED, all, true)).toEqual({
    cgroup: {
      "memory.max": String(64 * 1024 * 1024),
      "memory.swap.max": "0",
      "memory.oom.group": "1",
      "pids.max": "8",
      "cpu.max": "50000 100000",
    },
    rlimits: ["--cpu=10:11"],
    unkept: [],
  });
  const rlimits = [`--data=${64 * 1024 * 1024}`, "--nproc=8", "--cpu=10:11"];
  expect(planLimits(PARSED, new Set(), true)).toEqual({ cgroup: {}, rlimits, unkept: ["cpu_percent"] });
  expect(planLimits(PARSED, new Set(), false).unkept).toEqual(["processes", "cpu_percent"]);
  expect(planLimits(UNCONFINED.limits, all, true)).toEqual({ cgroup: {}, rlimits: [], unkept: [] });
});

test("the cgroup is joined and limits are set before privileges go", () => {
  const owner = { uid: 7, gid: 8 };
  const rlimits = ["--cpu=1:2"];
  const prefix = launchPrefix({ procsFile: "/c/cgroup.procs", rlimits, owner, diesWithHost: true });
  expect(prefix.join(" ")).toBe(
    '/bin/sh -c echo 0 > "$0" && exec "$@" /c/cgroup.procs prlimit --cpu=1:2 -- ' +
      "setpriv --pdeathsig KILL --reuid=7 --regid=8 --clear-groups --no-new-privs --",
  );
  expect(launchPrefix({ procsFile: null, rlimits: [], owner: null, diesWithHost: false })).toEqual([]);
});
