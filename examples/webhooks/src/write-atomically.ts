import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/** The file is there as a whole or as it was before, also after a power cut. Only its owner may read it. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${path}.${randomBytes(4).toString("hex")}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
