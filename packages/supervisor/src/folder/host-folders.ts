import { chmod, mkdir } from "node:fs/promises";
import { runDirProblem } from "../socket/socket-path.ts";
import { SupervisorError } from "../supervisor-error.ts";
import { FolderLock } from "./folder-lock.ts";
import { loadInstanceId } from "./instance-id.ts";

/** The folders of one host, which no other host may use meanwhile. */
export interface HostFolders extends Disposable {
  readonly instanceId: string;
}

/** Makes the data and the run folder where they are missing, and takes both. Throws a SupervisorError. */
export async function claimFolders(dataDir: string, runDir: string): Promise<HostFolders> {
  const problem = runDirProblem(runDir);
  if (problem !== null) throw new SupervisorError("run_dir_too_long", problem);
  await makeFolder(dataDir, "data folder", "TORU_DATA_DIR");
  await makeFolder(runDir, "run folder", "TORU_RUN_DIR");
  const data = FolderLock.acquire(dataDir, "data folder", "set TORU_DATA_DIR to a folder of its own");
  try {
    const run = FolderLock.acquire(runDir, "run folder", "set TORU_RUN_DIR to a folder of its own");
    const instanceId = await loadInstanceId(dataDir);
    return {
      instanceId,
      [Symbol.dispose]() {
        run[Symbol.dispose]();
        data[Symbol.dispose]();
      },
    };
  } catch (error) {
    data[Symbol.dispose]();
    throw error;
  }
}

async function makeFolder(path: string, what: string, setting: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SupervisorError(
      "folder",
      `cannot make the ${what} ${path}: ${why}. Set ${setting} to a folder that can be written`,
      {
        cause,
      },
    );
  }
}
