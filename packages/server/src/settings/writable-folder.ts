import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";

/** The first of the folders that exists or can be made, and can be written; else `last`, which is not tried. */
export async function writableFolder(candidates: string[], last: string, mode: number): Promise<string> {
  for (const folder of candidates) if (await isWritable(folder, mode)) return folder;
  return last;
}

async function isWritable(folder: string, mode: number): Promise<boolean> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") return false;
  }
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
