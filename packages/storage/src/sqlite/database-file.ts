import { chmod, mkdir, open, readdir, rename, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The database holds password hashes and what plugins store: for its owner only. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** Behind the name of a database that was set aside, in front of the time; its side files have more behind that. */
const ASIDE = ".corrupt-";
const TIME = /^\d{4}-\d\d-\d\dT[\d.-]+Z$/;

/** Makes folder and file where they are missing, and takes rights on them from everyone but the owner. */
export async function prepareDatabaseFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  await createFile(path);
  // SQLite gives the side files the mode of the main one; those of an earlier, wider mode may still lie there.
  for (const file of [path, `${path}-wal`, `${path}-shm`]) await protectFile(file);
}

/** Makes an empty file for its owner only. Never opens one that exists: closing it again would drop the locks that this process holds on it. */
export async function createFile(path: string): Promise<void> {
  try {
    const file = await open(path, "wx", FILE_MODE);
    await file.close();
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

async function protectFile(path: string): Promise<void> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o777) !== FILE_MODE) await chmod(path, FILE_MODE);
  } catch (error) {
    // Side files come and go with the connections of other processes.
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

/** Renames the database with what belongs to it, so that a new one can be made; returns its new path. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}${ASIDE}${new Date().toISOString().replaceAll(":", "-")}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    try {
      await rename(path + suffix, aside + suffix);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
  return aside;
}

/** The latest database that was set aside as `path` and lies there still, while none is at `path`. Null where there is none, or need be none. */
export async function setAsideUnanswered(path: string): Promise<string | null> {
  if ((await fileIdentity(path)) !== null) return null;
  const names = await readdir(dirname(path)).catch((error: unknown) => {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return [];
    throw error;
  });
  const prefix = basename(path) + ASIDE;
  const aside = names.filter((name) => name.startsWith(prefix) && TIME.test(name.slice(prefix.length)));
  const latest = aside.toSorted().at(-1);
  return latest === undefined ? null : join(dirname(path), latest);
}

/** Identifies the file behind a path; another value later means that the file was replaced. Null where none is. */
export async function fileIdentity(path: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
