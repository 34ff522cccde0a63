import { join } from "node:path";

/** The kernel's limit for the path of a Unix socket, without the closing zero. */
export const MAX_SOCKET_PATH_BYTES = 107;
const HASH_CHARACTERS = 12;

/** `<run folder>/<id>.sock`; a short hash stands for an id that would make the path too long. */
export function socketPath(runDir: string, pluginId: string): string {
  const path = join(runDir, `${pluginId}.sock`);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  const hash = new Bun.CryptoHasher("sha256").update(pluginId).digest("hex").slice(0, HASH_CHARACTERS);
  return join(runDir, `${hash}.sock`);
}

/** Null where every socket fits, else why the host cannot start with this run folder. */
export function runDirProblem(runDir: string): string | null {
  const longest = join(runDir, `${"x".repeat(HASH_CHARACTERS)}.sock`);
  const over = Buffer.byteLength(longest) - MAX_SOCKET_PATH_BYTES;
  if (over <= 0) return null;
  return `the run folder ${runDir} is ${over} bytes too long for Unix sockets; set TORU_RUN_DIR to a shorter path`;
}
