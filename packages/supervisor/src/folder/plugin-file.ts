import { constants } from "node:fs";
import { access, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

const EXTENSION = ".binary";
/** As mode bits. */
const WRITABLE_BY_ALL = 0o002;

export interface PluginFile {
  /** Name in the plugins folder. */
  file: string;
  /** Absolute. */
  path: string;
  /** Changes whenever the file does. */
  fingerprint: string;
  /** Milliseconds since the epoch of the last change of content or mode. */
  changedAt: number;
  /** Why it cannot be a plugin, as far as can be told without running it. */
  problem: string | null;
}

/** The `*.binary` entries of the folder, by name. A folder that is missing is an empty one. */
export async function listPluginFiles(pluginsDir: string): Promise<PluginFile[]> {
  const names = await readdir(pluginsDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const found = await Promise.all(
    names.filter((name) => name.endsWith(EXTENSION) && name !== EXTENSION).map((name) => inspect(pluginsDir, name)),
  );
  return found.filter((entry) => entry !== null).sort((a, b) => (a.file < b.file ? -1 : 1));
}

async function inspect(pluginsDir: string, file: string): Promise<PluginFile | null> {
  const path = join(pluginsDir, file);
  const broken = (problem: string): PluginFile => ({ file, path, fingerprint: problem, changedAt: 0, problem });
  try {
    const [folder, target, { mode }] = await Promise.all([realpath(pluginsDir), realpath(path), stat(pluginsDir)]);
    if ((mode & WRITABLE_BY_ALL) !== 0) {
      return broken(`everybody may put files into the plugins folder ${folder}; run: chmod o-w ${folder}`);
    }
    if (!target.startsWith(folder + sep)) {
      return broken(`it is a symbolic link to ${target}, outside the plugins folder; copy the file here instead`);
    }
    const facts = await stat(target, { bigint: true });
    const fingerprint = [target, facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.mode].join(":");
    const changedAt = Number(facts.mtimeMs > facts.ctimeMs ? facts.mtimeMs : facts.ctimeMs);
    let problem: string | null = null;
    if (!facts.isFile()) problem = "it is not a regular file";
    else if ((Number(facts.mode) & WRITABLE_BY_ALL) !== 0) {
      problem = `everybody may write to it, and so have the host run anything; run: chmod o-w ${path}`;
    } else if (!(await isExecutable(target))) problem = `it is not executable; run: chmod +x ${path}`;
    return { file, path, fingerprint, changedAt, problem };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !(await isListed(pluginsDir, file))) return null; // removed while we looked
    return broken(`it cannot be read: ${message}`);
  }
}

async function isListed(pluginsDir: string, file: string): Promise<boolean> {
  return (await readdir(pluginsDir).catch((): string[] => [])).includes(file);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
