import type { Crash } from "@toru/http-api";

/** How it ended, for a text to name it. */
export type Ending = { how: "signal"; signal: string } | { how: "code"; code: number } | { how: "unstarted" };

/** What usually stands behind an ending. */
export type EndingHint =
  | "memory"
  | "badMemory"
  | "aborted"
  | "illegal"
  | "terminated"
  | "notExecutable"
  | "missing"
  | "clean"
  | "asShell";

const SIGNAL_HINTS: Record<string, EndingHint> = {
  SIGKILL: "memory",
  SIGSEGV: "badMemory",
  SIGBUS: "badMemory",
  SIGABRT: "aborted",
  SIGILL: "illegal",
  SIGTERM: "terminated",
  SIGINT: "terminated",
  SIGHUP: "terminated",
};

/** Shells turn signal n of their child into code 128 + n. */
const CODE_HINTS: Record<number, EndingHint> = {
  0: "clean",
  126: "notExecutable",
  127: "missing",
  130: "terminated",
  132: "illegal",
  134: "aborted",
  135: "badMemory",
  137: "memory",
  139: "badMemory",
  143: "terminated",
};
const SIGNAL_CODES = { first: 129, last: 159 } as const;

export function endingOf({ code, signal }: Pick<Crash, "code" | "signal">): Ending {
  if (signal !== null) return { how: "signal", signal };
  return code === null ? { how: "unstarted" } : { how: "code", code };
}

/** Null where nothing can be said, or where the host's own reason says more. */
export function hintOf(crash: Pick<Crash, "code" | "signal" | "reason">): EndingHint | null {
  const ending = endingOf(crash);
  if (ending.how === "unstarted" || hostReasonOf(crash) !== null) return null;
  if (ending.how === "signal") return SIGNAL_HINTS[ending.signal] ?? null;
  const { code } = ending;
  const isSignalCode = code >= SIGNAL_CODES.first && code <= SIGNAL_CODES.last;
  return CODE_HINTS[code] ?? (isSignalCode ? "asShell" : null);
}

/** Why the host ended it or could not start it; null where it ended by itself, which `endingOf` tells. */
export function hostReasonOf({ reason }: Pick<Crash, "reason">): string | null {
  return /^(killed by|exited with code|stopped (by|with code)) /.test(reason) ? null : reason;
}
