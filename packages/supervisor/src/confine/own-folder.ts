import { chmod, lstat, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { GivenPaths } from "../folder/plugin-paths.ts";
import type { Owner } from "./plan-launch.ts";

/** As mode bits. */
const PASSABLE_BY_ALL = 0o001;

/** Makes what a plugin is given, for its user where it has one of its own. */
export async function prepareFolders(
  host: { runDir: string; dataDir: string },
  { dataDir, socketPath }: GivenPaths,
  owner: Owner | null,
): Promise<void> {
  await mkdir(host.runDir, { recursive: true, mode: 0o700 });
  await makeOwnFolder(dataDir, owner);
  if (owner === null) return;
  await makeOwnFolder(dirname(socketPath), owner);
  for (const folder of [host.runDir, host.dataDir, dirname(dataDir)]) await letPass(folder);
}

/** A folder that is the plugin's alone; with what is in it, where it was another's before. */
async function makeOwnFolder(path: string, owner: Owner | null): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (owner === null || (await lstat(path)).uid === owner.uid) return;
  const change = Bun.spawn(["chown", "-R", "-h", "-P", `${owner.uid}:${owner.gid}`, path], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [code, complaint] = await Promise.all([change.exited, new Response(change.stderr).text()]);
  if (code !== 0) throw new Error(`${path} cannot be given to the plugin's user: ${complaint.trim()}`);
}

/** Lets other users pass through a folder of the host to what is theirs in it; what it holds stays hidden. */
async function letPass(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & PASSABLE_BY_ALL) === 0) await chmod(path, (mode & 0o777) | PASSABLE_BY_ALL);
}
