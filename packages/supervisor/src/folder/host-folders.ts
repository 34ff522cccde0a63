import { mkdir, stat } from "node:fs/promises";
import { runDirProblem } from "../socket/socket-path.ts";
import { SupervisorError } from "../supervisor-error.ts";
import { FolderLock } from "./folder-lock.ts";
import { loadInstanceId } from "./instance-id.ts";

/** The folders of one host, which no other host may use meanwhile. */
export interface HostFolders extends Disposable {
  readonly instanceId: string;
  /** Makes the run folder again, and takes it, where somebody has removed it or what was in it. Throws a SupervisorError. */
  takeRunFolderAgain(): Promise<void>;
}

/** Makes the data and the run folder where they are missing, and takes both. Throws a SupervisorError. */
export async function claimFolders(dataDir: string, runDir: string): Promise<HostFolders> {
  const problem = runDirProblem(runDir);
  if (problem !== null) throw new SupervisorError("run_dir_too_long", problem);
  await makeFolder(dataDir, "data folder", "TORU_DATA_DIR");
  const takeRunFolder = async () => {
    await makeFolder(runDir, "run folder", "TORU_RUN_DIR");
    return FolderLock.acquire(runDir, "run folder", "set TORU_RUN_DIR to a folder of its own");
  };
  const data = FolderLock.acquire(dataDir, "data folder", "set TORU_DATA_DIR to a folder of its own");
  try {
    let run = await takeRunFolder();
    const instanceId = await loadInstanceId(dataDir);
    return {
      instanceId,
      async takeRunFolderAgain() {
        if (run.isInPlace()) return;
        run[Symbol.dispose]();
        run = await takeRunFolder();
      },
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

/** As mode bits. */
const WRITABLE_BY_ALL = 0o002;

/** A folder that is there already keeps its mode: it may be a shared one, like /run. */
async function makeFolder(path: string, what: string, setting: string): Promise<void> {
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    if (made !== undefined) return;
    const { mode } = await stat(path);
    if ((mode & WRITABLE_BY_ALL) !== 0) {
      const message = `everybody may write to the ${what} ${path}, and so take the place of sockets and files in it`;
      throw new SupervisorError(
        "folder",
        `${message}. Set ${setting} to a folder of its own, or run: chmod 700 ${path}`,
      );
    }
  } catch (cause) {
    if (cause instanceof SupervisorError) throw cause;
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
