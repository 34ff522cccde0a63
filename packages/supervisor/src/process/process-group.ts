import { readProcess } from "../resources/read-proc.ts";

/**
 * When the process of this number started, in ticks since the machine's start; null where none has it. A number is given anew once
 * nobody holds it: the number and the start together are one process.
 */
export function startOf(pid: number): number | null {
  return readProcess(pid)?.startedAt ?? null;
}

/** The process group that a child leads. No signal of it ever goes to a stranger. */
export class ProcessGroup {
  readonly #leader: number;
  /** Of the leader, as `startOf` gives it; null where the host could not look. */
  readonly start: number | null;

  /** Call as soon as the child was made. */
  constructor(leader: number) {
    this.#leader = leader;
    this.start = look(leader);
  }

  /** Call only while the leader has not been collected, as far as is known. */
  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const now = look(this.#leader);
    if (now === null || this.start === null || now === this.start) killGroup(this.#leader, signal);
  }

  /**
   * Once the leader has been collected. Its number stays reserved as long as its group has members: so a process that has the
   * number now says that there are none.
   */
  killRest(): void {
    if (!isTaken(this.#leader)) killGroup(this.#leader, "SIGKILL");
  }
}

function look(pid: number): number | null {
  try {
    return startOf(pid);
  } catch {
    return null; // too many files are open: the number alone must do
  }
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function killGroup(leader: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // ESRCH: nobody is left. EPERM: all that are left have become another user, and only that user may end them.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}
