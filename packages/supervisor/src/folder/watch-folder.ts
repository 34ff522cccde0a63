import { watch, type FSWatcher } from "node:fs";
import { stat } from "node:fs/promises";

/** Notices of this time are one change: a file that is being copied makes many, in milliseconds. */
const GATHER_MS = 50;

/**
 * Calls back soon after something in the folder changed, and every `intervalMs` in any case: the system's notices may
 * be missing (network file systems), and end for ever when the folder is removed and made again.
 */
export function watchFolder(folder: string, intervalMs: number, onChange: () => void): Disposable {
  let watcher: FSWatcher | null = null;
  let watchedInode: number | null = null;
  let pending: ReturnType<typeof setTimeout> | undefined;

  const attach = async () => {
    const inode = await stat(folder).then(
      (facts) => facts.ino,
      () => null, // gone for now: the next round looks again
    );
    if (inode === watchedInode || disposed) return;
    watcher?.close();
    watcher = null;
    watchedInode = inode;
    if (inode === null) return;
    watcher = watch(folder, () => {
      pending ??= setTimeout(() => {
        pending = undefined;
        onChange();
      }, GATHER_MS);
    });
    watcher.on("error", () => (watchedInode = null)); // attached anew in the next round
  };

  let disposed = false;
  const round = () => {
    attach().catch(() => (watchedInode = null)); // no watcher to be had: the interval alone serves
    onChange();
  };
  const timer = setInterval(round, intervalMs);
  attach().catch(() => (watchedInode = null)); // as above
  return {
    [Symbol.dispose]() {
      disposed = true;
      clearInterval(timer);
      clearTimeout(pending);
      watcher?.close();
    },
  };
}
