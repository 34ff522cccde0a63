import type { PluginLimits } from "./confinement.ts";

const MIB = 1024 * 1024;
/** Of `cpu.max`, in microseconds. */
const CPU_PERIOD_US = 100_000;

export interface Owner {
  uid: number;
  gid: number;
}

/** What of the limits is kept by which means. */
export interface LimitPlan {
  /** Files of the plugin's cgroup and what is written to them. */
  cgroup: Record<string, string>;
  /** Arguments of `prlimit`, for each process by itself. */
  rlimits: string[];
  /** Limits that nothing here can keep, by their names in the settings. */
  unkept: string[];
}

/** `controllers`: those that the plugin's cgroup has. */
export function planLimits(limits: PluginLimits, controllers: ReadonlySet<string>, hasOwnUser: boolean): LimitPlan {
  const { memoryMib, processes, cpuPercent, cpuSeconds } = limits;
  const plan: LimitPlan = { cgroup: {}, rlimits: [], unkept: [] };
  if (memoryMib !== null) {
    const bytes = String(memoryMib * MIB);
    if (controllers.has("memory")) {
      Object.assign(plan.cgroup, { "memory.max": bytes, "memory.swap.max": "0", "memory.oom.group": "1" });
    } else plan.rlimits.push(`--data=${bytes}`);
  }
  if (processes !== null) {
    if (controllers.has("pids")) plan.cgroup["pids.max"] = String(processes);
    else if (hasOwnUser) plan.rlimits.push(`--nproc=${processes}`); // the kernel does not count those of root
    else plan.unkept.push("processes");
  }
  if (cpuPercent !== null) {
    if (controllers.has("cpu")) plan.cgroup["cpu.max"] = `${(cpuPercent * CPU_PERIOD_US) / 100} ${CPU_PERIOD_US}`;
    else plan.unkept.push("cpu_percent");
  }
  if (cpuSeconds !== null) plan.rlimits.push(`--cpu=${cpuSeconds}:${cpuSeconds + 1}`);
  return plan;
}

export interface Launch {
  /** Of the cgroup that it joins; null for none. */
  procsFile: string | null;
  rlimits: readonly string[];
  owner: Owner | null;
  /** Whether `setpriv` is there and can have the kernel kill the plugin with the host. */
  diesWithHost: boolean;
}

/** What goes before the plugin's own command. Each step is replaced by the next: the process number stays. */
export function launchPrefix({ procsFile, rlimits, owner, diesWithHost }: Launch): string[] {
  const privileges = diesWithHost ? ["--pdeathsig", "KILL"] : [];
  if (owner !== null) {
    privileges.push(`--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups", "--no-new-privs");
  }
  return [
    ...(procsFile === null ? [] : ["/bin/sh", "-c", 'echo 0 > "$0" && exec "$@"', procsFile]),
    ...(rlimits.length === 0 ? [] : ["prlimit", ...rlimits, "--"]),
    ...(privileges.length === 0 ? [] : ["setpriv", ...privileges, "--"]),
  ];
}
