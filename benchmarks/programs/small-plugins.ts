import { link, mkdir } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";

/** What one of them takes at most, with its share of the host and of the kernel. */
const BYTES_EACH = 6e6;
/** A host leaves files alone that were just changed. */
const SETTLED_MS = 200;

/** Names of so many plugins; they sort as they count. */
export function pluginIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `plugin-${String(index).padStart(3, "0")}`);
}

/** Installs the compiled plugin.rs under these names, as one file on disk. */
export async function installSmallPlugins(program: string, folder: string, ids: readonly string[]): Promise<void> {
  await mkdir(join(folder, "plugins"), { recursive: true });
  for (const id of ids) await link(program, join(folder, "plugins", `${id}.binary`));
  await Bun.sleep(SETTLED_MS);
}

/** Throws where the machine has no room for so many plugins, and says what to do. */
export function checkRoomFor(count: number, option: string): void {
  const needed = count * BYTES_EACH;
  const free = freemem(); // what the kernel calls available
  if (free >= needed) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Error(
    `${count} plugins want about ${gigabytes(needed)} of memory and ${gigabytes(free)} are free; ask for fewer with ${option}`,
  );
}
