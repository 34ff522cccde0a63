import { expect, test } from "bun:test";
import { endingOf, hintOf, hostReasonOf } from "./exit-words.ts";

const crash = (code: number | null, signal: string | null, reason?: string) => ({
  code,
  signal,
  reason: reason ?? (signal === null ? `exited with code ${code}` : `killed by ${signal}`),
});

test("an ending is a signal, a code, or nothing that was started", () => {
  expect(endingOf(crash(null, "SIGKILL"))).toEqual({ how: "signal", signal: "SIGKILL" });
  expect(endingOf(crash(3, null))).toEqual({ how: "code", code: 3 });
  expect(endingOf(crash(null, null, "it could not be started: ENOEXEC"))).toEqual({ how: "unstarted" });
});

test("the usual endings have a hint", () => {
  const hints = [0, 1, 126, 127, 134, 137, 139, 143, 158, 160, 255].map((code) => hintOf(crash(code, null)));
  expect(hints).toEqual([
    "clean",
    null,
    "notExecutable",
    "missing",
    "aborted",
    "memory",
    "badMemory",
    "terminated",
    "asShell",
    null,
    null,
  ]);
  const signals = ["SIGKILL", "SIGSEGV", "SIGABRT", "SIGILL", "SIGUSR1"];
  expect(signals.map((signal) => hintOf(crash(null, signal)))).toEqual([
    "memory",
    "badMemory",
    "aborted",
    "illegal",
    null,
  ]);
});

test("where the host ended it, its own reason is told and nothing is guessed", () => {
  const aborted = crash(null, "SIGKILL", "it did not answer a ping in 5000 ms");
  expect(hostReasonOf(aborted)).toBe("it did not answer a ping in 5000 ms");
  expect(hintOf(aborted)).toBeNull();
});

test("what the host says of an ending by itself is not told twice", () => {
  const reasons = ["killed by SIGKILL (by a person)", "exited with code 0 although nobody asked", "stopped by SIGTERM"];
  expect(reasons.map((reason) => hostReasonOf({ reason }))).toEqual([null, null, null]);
});
