import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "./write-file-atomically.ts";

const FILE = "instance-id";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Made once for each data folder, and never changed. Call only while the folder's lock is held. */
export async function loadInstanceId(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, FILE);
  const stored = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (UUID.test(stored.trim())) return stored.trim();
  const made = crypto.randomUUID();
  await writeFileAtomically(path, `${made}\n`, 0o600);
  return made;
}
