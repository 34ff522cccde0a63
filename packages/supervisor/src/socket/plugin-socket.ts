import { chmod, lstat, unlink } from "node:fs/promises";

/** False where something else is in its place, or nothing. */
export async function isSocket(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSocket();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Removes the socket of a plugin that has ended. What is no socket is left to the next start to judge. */
export async function removeSocket(path: string): Promise<void> {
  if (await isSocket(path)) await unlink(path);
}

/** Nobody but its owner may connect, whatever mode the plugin has made it with. */
export async function closeToOthers(path: string): Promise<void> {
  if (await isSocket(path)) await chmod(path, 0o600);
}
