import type { Crash } from "@toru/core";
import type { Cgroup } from "../confine/cgroups.ts";
import { exitReason } from "../process/exit-reason.ts";
import { wasKilledForMemory } from "../process/out-of-memory.ts";
import type { PluginProcess, ProcessExit } from "../process/plugin-process.ts";
import { shortageOf, StartFault } from "../process/start-fault.ts";

/** Tells whether the kernel has killed a process for want of memory: by its cgroup's count, else by the kernel's log. */
export class MemoryWatch {
  readonly #cgroup: Cgroup | null;
  readonly #before: number;

  private constructor(cgroup: Cgroup | null, before: number) {
    this.#cgroup = cgroup;
    this.#before = before;
  }

  /** Before the process is made: the cgroup may have been another's before. */
  static async begin(cgroup: Cgroup | null): Promise<MemoryWatch> {
    return new MemoryWatch(cgroup, (await cgroup?.outOfMemoryKills()) ?? 0);
  }

  async hasKilled({ pid, start }: PluginProcess): Promise<boolean> {
    const kills = (await this.#cgroup?.outOfMemoryKills()) ?? null;
    return kills === null ? wasKilledForMemory(pid, start) : kills > this.#before;
  }
}

/** Why a process has ended by itself, or by somebody outside of the host. */
export async function endReason(
  exit: ProcessExit | null,
  ended: PluginProcess | null,
  memory: MemoryWatch | null,
  isStopping: boolean,
): Promise<string> {
  if (exit === null || ended === null) return "it did not start";
  const isUnexplained = exit.signal === "SIGKILL" && !isStopping;
  const outOfMemory = isUnexplained && (await memory?.hasKilled(ended).catch(() => false)); // then nobody knows
  return exitReason(exit, isStopping, outOfMemory === true);
}

export type StartFailure = Pick<Crash, "reason" | "cause">;

/** Of an error by which no process came to be. */
export function startFailure(error: unknown): StartFailure {
  const fault = shortageOf(error);
  if (fault instanceof StartFault) return { reason: fault.message, cause: fault.faultOf };
  return { reason: `it could not be started: ${fault instanceof Error ? fault.message : String(fault)}` };
}
