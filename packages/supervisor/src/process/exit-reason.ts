import type { ProcessExit } from "./plugin-process.ts";

/** What ended a process, in words that a person can act on. `outOfMemory`: the kernel says so. */
export function exitReason({ code, signal }: ProcessExit, asked: boolean, outOfMemory: boolean): string {
  if (outOfMemory) return "out of memory: the kernel killed it to free some";
  if (asked) return signal === null ? `stopped with code ${code ?? "unknown"}` : `stopped by ${signal}`;
  if (signal !== null) return `killed by ${signal}${SIGNAL_HINTS[signal] ?? ""}`;
  if (code === 0) return "exited with code 0 although nobody asked it to stop";
  return `exited with code ${code ?? "unknown"}${CODE_HINTS[code ?? -1] ?? ""}`;
}

const SIGNAL_HINTS: Record<string, string> = {
  SIGKILL: " (by a person, or by the kernel when memory ran out)",
  SIGSEGV: " (it touched memory that is not its own)",
  SIGABRT: " (it aborted itself)",
  SIGBUS: " (bad memory access)",
  SIGXCPU: " (it used up the CPU time that its settings allow)",
  SIGILL: " (illegal instruction: built for another processor?)",
};

const CODE_HINTS: Record<number, string> = {
  126: " (the file cannot be executed)",
  127: " (the file or its interpreter was not found)",
};
