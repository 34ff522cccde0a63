import { closeSync, constants, openSync } from "node:fs";
import { unlink } from "node:fs/promises";

/**
 * A real pipe for a child's output. Bun's own "pipe" is a socket pair, on which a child that opens /dev/stderr or
 * /proc/self/fd/1 fails with ENXIO.
 */
export interface OutputPipe {
  readFd: number;
  /** For the child; close it here once the child has it. */
  writeFd: number;
}

/** Makes one pipe at each of these paths; the names are gone again when this returns. */
export async function makePipes(paths: string[]): Promise<OutputPipe[]> {
  await Promise.all(paths.map((path) => unlink(path).catch(ignoreMissing)));
  const made = Bun.spawn(["mkfifo", "-m", "600", ...paths], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const [code, complaint] = await Promise.all([made.exited, new Response(made.stderr).text()]);
  if (code !== 0) throw new Error(`mkfifo failed with code ${code}: ${complaint.trim()}`);
  const pipes: OutputPipe[] = [];
  const opened: number[] = [];
  try {
    for (const path of paths) {
      // A reader must come first: opening a FIFO for writing waits for one.
      const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | CLOSE_ON_EXEC);
      opened.push(readFd);
      const writeFd = openSync(path, constants.O_WRONLY | CLOSE_ON_EXEC);
      opened.push(writeFd);
      pipes.push({ readFd, writeFd });
    }
    return pipes;
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  } finally {
    await Promise.all(paths.map((path) => unlink(path).catch(ignoreMissing)));
  }
}

/** O_CLOEXEC on Linux, which node:fs does not name: no other child may inherit the pipe and keep it open. */
const CLOSE_ON_EXEC = 0o2000000;

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
