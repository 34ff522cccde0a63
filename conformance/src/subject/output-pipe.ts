import { closeSync, constants, openSync, rmSync } from "node:fs";

/** O_CLOEXEC on Linux, which node:fs does not name: no other child may inherit the pipe and keep it open. */
const CLOSE_ON_EXEC = 0o2000000;

/** A real pipe, as the host gives it: on a socket pair, opening /dev/stderr fails. `path` exists for a moment only. */
export function openPipe(path: string): { readFd: number; writeFd: number } {
  const made = Bun.spawnSync(["mkfifo", "-m", "600", path], { stderr: "pipe" });
  if (made.exitCode !== 0) throw new Error(`mkfifo failed: ${made.stderr.toString().trim()}`);
  // A reader must come first: opening a FIFO for writing waits for one.
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | CLOSE_ON_EXEC);
  try {
    return { readFd, writeFd: openSync(path, constants.O_WRONLY | CLOSE_ON_EXEC) };
  } catch (error) {
    closeSync(readFd);
    throw error;
  } finally {
    rmSync(path, { force: true });
  }
}
