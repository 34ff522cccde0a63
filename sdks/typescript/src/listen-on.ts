import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";

/** How long a socket that is there already may take to say whether somebody listens. */
const PROBE_TIMEOUT_MS = 1_000;

/**
 * Binds the Unix socket, for its owner alone (mode 0600). What a dead process left at the path is removed.
 *
 * @throws Error where the path is taken by a living process or by something that is no socket.
 */
export async function listenOn(server: Server, path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (!found.isSocket())
      throw new Error(`${path} is there and is no socket; remove it, or let the host choose another`);
    if (await answers(path)) throw new Error(`another process listens on ${path}; end it before this one starts`);
    unlinkSync(path);
  }
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } finally {
    process.umask(mask);
  }
  chmodSync(path, 0o600); // where the umask was not asked
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const settle = (isAlive: boolean) => {
      clearTimeout(timer);
      probe.destroy();
      resolve(isAlive);
    };
    const timer = setTimeout(() => settle(true), PROBE_TIMEOUT_MS);
    probe.once("connect", () => settle(true));
    // A full backlog (EAGAIN) belongs to somebody; ECONNREFUSED and ENOENT mean that nobody is there.
    probe.once("error", (error: NodeJS.ErrnoException) => settle(error.code === "EAGAIN"));
  });
}
