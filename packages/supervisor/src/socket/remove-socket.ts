import { lstat, unlink } from "node:fs/promises";

/** Removes the socket of a plugin that has ended. What is no socket is left to the next start to judge. */
export async function removeSocket(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isSocket()) await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
