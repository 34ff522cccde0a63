import { lstat, unlink } from "node:fs/promises";
import { pause } from "./connect-when-listening.ts";
import { isListening } from "./listening-sockets.ts";

/** A process that was just killed may hold its socket this long, in milliseconds. */
const RELEASE_MS = 500;
const RELEASE_POLL_MS = 10;

/** A socket that an earlier run left is removed; one that somebody listens on is not ours to take. */
export async function makeRoomForSocket(path: string): Promise<void> {
  const exists = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  const limit = AbortSignal.timeout(RELEASE_MS);
  while (await isListening(path, 0)) {
    if (limit.aborted) {
      throw new Error(`another process listens on ${path}; end it, or give this host a run folder of its own`);
    }
    await pause(RELEASE_POLL_MS, limit);
  }
  await unlink(path);
}
