import { open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const TEMPORARY = /^\.\d+\.tmp$/;

/** Replaces a file in one step: after a crash it holds the old content or the new, never a part. */
export async function writeFileAtomically(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, "w", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined); // the first error is the one to report
    throw error;
  }
}

/** Removes what processes that were killed while they wrote `path` have left beside it. For its only writer. */
export async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  const name = basename(path);
  const names = await readdir(folder).catch(() => []); // nothing can be left where there is no folder
  for (const left of names.filter((found) => found.startsWith(name) && TEMPORARY.test(found.slice(name.length)))) {
    await unlink(join(folder, left)).catch(() => undefined); // only in the way of tidiness
  }
}
