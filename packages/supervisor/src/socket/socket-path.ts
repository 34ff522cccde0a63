import { join } from "node:path";

/** The kernel's limit for the path of a Unix socket, without the closing zero. */
export const MAX_SOCKET_PATH_BYTES = 107;
const HASH_CHARACTERS = 12;

/**
 * `<run folder>/<id>.sock`, or `<run folder>/<id>/sock` for a plugin with a user of its own, who may write to that folder alone. A
 * short hash stands for an id that would make the path too long.
 */
export function socketPath(runDir: string, pluginId: string, hasOwnUser: boolean): string {
  const pathOf = (name: string) => (hasOwnUser ? join(runDir, name, "sock") : join(runDir, `${name}.sock`));
  const path = pathOf(pluginId);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  return pathOf(new Bun.CryptoHasher("sha256").update(pluginId).digest("hex").slice(0, HASH_CHARACTERS));
}

/** Null where every socket fits, else why the host cannot start with this run folder. */
export function runDirProblem(runDir: string): string | null {
  const longest = join(runDir, `${"x".repeat(HASH_CHARACTERS)}.sock`);
  const over = Buffer.byteLength(longest) - MAX_SOCKET_PATH_BYTES;
  if (over <= 0) return null;
  return `the run folder ${runDir} is ${over} bytes too long for Unix sockets; set TORU_RUN_DIR to a shorter path`;
}
