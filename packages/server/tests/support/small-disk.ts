import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A file system of its own, of a few MiB. Disposing it takes it away, also while files are open in it. */
export interface SmallDisk extends AsyncDisposable {
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  makeRoom(): Promise<void>;
}

/** Mounts it at `folder`; null where this process may not. */
export async function smallDisk(folder: string, mebibytes: number): Promise<SmallDisk | null> {
  await mkdir(folder, { recursive: true });
  const mount = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder]);
  if (!mount.success) return null;
  const filler = join(folder, "filler");
  return {
    async fill() {
      const error: unknown = await writeFile(filler, Buffer.alloc(mebibytes * 1024 * 1024)).catch(
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof Error) || !error.message.includes("ENOSPC")) throw new Error("the disk is not full");
    },
    makeRoom: () => rm(filler),
    [Symbol.asyncDispose]() {
      const unmounted = Bun.spawnSync(["umount", "-l", folder]);
      if (!unmounted.success) throw new Error(`${folder} is still mounted: ${unmounted.stderr.toString()}`);
      return Promise.resolve();
    },
  };
}
