import { readdir, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { rotatedPath } from "./kept-files.ts";
import { isAbsent } from "./system-error.ts";

/**
 * Renames `<path>` to `<path>.1`, that to `.2`, up to `.<keep>`, whose file is replaced. Only files up to the first gap
 * move, so a rotation that failed half way and is done again costs no history.
 */
export async function rotate(path: string, keep: number): Promise<void> {
  if (keep === 0) {
    await unlink(path);
  } else {
    for (let age = await firstGap(path, keep); age > 0; age -= 1) {
      await rename(rotatedPath(path, age - 1), rotatedPath(path, age));
    }
  }
  await removeSurplus(path, keep);
}

async function firstGap(path: string, keep: number): Promise<number> {
  for (let age = 1; age < keep; age += 1) {
    if (!(await exists(rotatedPath(path, age)))) return age;
  }
  return keep;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** What an earlier, larger `keep` has left. */
async function removeSurplus(path: string, keep: number): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const age = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (/^[1-9]\d{0,5}$/.test(age) && Number(age) > keep) await unlink(join(dirname(path), name));
  }
}
