import { StorageError, type StorageErrorCode } from "@toru/core";
import { problem, type ProblemResponse } from "./problem.ts";

/** For people who may not know where the database lies: its path is in the host's log. */
const ADVICE: ReadonlyMap<StorageErrorCode, string> = new Map([
  ["busy", "Another process holds the host's database. End it, then try again."],
  ["disk_full", "The disk of the host's database is full. Free some space, then try again."],
  ["io_error", "The host's database cannot be read or written. Check the disk and the rights on the data folder."],
  ["corrupt", "The host's database is damaged. Stop the host and restore a backup."],
]);

/** The answer where the storage failed for a reason that lies outside of the host; null for all else. */
export function storageProblem(error: unknown, requestId: string): ProblemResponse<"storage-failed"> | null {
  const advice = error instanceof StorageError ? ADVICE.get(error.code) : undefined;
  return advice === undefined
    ? null
    : problem("storage-failed", { requestId, detail: `${advice} Nothing was stored.` });
}
