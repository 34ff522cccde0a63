import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

const SIZE_BYTES = 8 * 1024 * 1024;
/** What is left of the device while it fails. */
const FAILING_BYTES = 64 * 1024;

/** A file system on a device of its own, which fails on demand. Disposing it takes it away, also while files are open in it. */
export interface FailingDisk extends AsyncDisposable {
  /** From here on reads and writes of nearly all of the device are refused: EIO. What lies in the page cache can still be read. */
  fail(): Promise<void>;
  /** The device is whole again, with what it held. */
  mend(): Promise<void>;
}

/** Mounts it at `folder`; null where this process may not, or the machine has no loop devices. `beside` is for the device's file. */
export async function failingDisk(folder: string, beside: string): Promise<FailingDisk | null> {
  const image = join(beside, "device");
  await Promise.all([folder, beside].map((path) => mkdir(path, { recursive: true })));
  await writeFile(image, "");
  await truncate(image, SIZE_BYTES);
  if (run("mke2fs", "-q", "-b", "1024", "-m", "0", image) === null) return null;
  const device = run("losetup", "--find", "--show", image);
  if (device === null) return null;
  if (run("mount", device, folder) === null) {
    run("losetup", "--detach", device);
    return null;
  }
  let content = Buffer.alloc(0);
  return {
    async fail() {
      run("sync", "--file-system", folder);
      content = await readFile(image);
      await truncate(image, FAILING_BYTES);
      run("losetup", "--set-capacity", device);
    },
    async mend() {
      await writeFile(image, content, { flag: "r+" });
      run("losetup", "--set-capacity", device);
    },
    [Symbol.asyncDispose]() {
      const isUnmounted = run("umount", "--lazy", folder) !== null;
      run("losetup", "--detach", device); // the kernel does it once nobody holds the device any more
      if (!isUnmounted) throw new Error(`${folder} is still mounted`);
      return Promise.resolve();
    },
  };
}

/** What the command printed; null where it failed, or is not there. */
function run(...command: string[]): string | null {
  if (Bun.which(command[0] ?? "") === null) return null;
  const { success, stdout } = Bun.spawnSync(command, { stderr: "ignore" });
  return success ? stdout.toString().trim() : null;
}
