import { SQLiteError } from "bun:sqlite";
import { StorageError, type StorageErrorCode } from "@toru/core";

interface Fault {
  code: StorageErrorCode;
  advice: string;
}

/** By primary result code; the extended ones (`SQLITE_BUSY_SNAPSHOT`) begin with theirs. */
const FAULTS: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ["CORRUPT", { code: "corrupt", advice: "stop the host, move the file aside and restore a backup" }],
  ["NOTADB", { code: "corrupt", advice: "stop the host, move the file aside and restore a backup" }],
  ["BUSY", { code: "busy", advice: "end the other process that uses this database, then try again" }],
  ["LOCKED", { code: "busy", advice: "end the other process that uses this database, then try again" }],
  ["FULL", { code: "disk_full", advice: "free some space; nothing of this change was stored" }],
  ["IOERR", { code: "io_error", advice: "check the disk and the system log" }],
  ["CANTOPEN", { code: "io_error", advice: "check that folder and file exist and belong to the user of the host" }],
  ["READONLY", { code: "io_error", advice: "make folder and file writable for the user of the host" }],
  ["PERM", { code: "io_error", advice: "make folder and file writable for the user of the host" }],
  ["CONSTRAINT", { code: "constraint", advice: "what it refers to may just have been deleted; read again" }],
]);

/** What SQLite threw, as the one error class of this package. */
export function sqliteFault(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const primary = error instanceof SQLiteError ? error.code?.split("_")[1] : undefined;
  const fault = primary === undefined ? undefined : FAULTS.get(primary);
  const { code, advice } = fault ?? { code: "internal", advice: "this is a defect of the host; please report it" };
  return new StorageError(code, `database ${path}: ${reason}; ${advice}`, { cause: error });
}
