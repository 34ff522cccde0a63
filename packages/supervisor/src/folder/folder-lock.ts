import { Database } from "bun:sqlite";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { SupervisorError } from "../supervisor-error.ts";

const LOCK_FILE = "toru.lock";

/**
 * Held by one host at a time. SQLite's exclusive lock is released by the kernel however the process ends, so a lock
 * file that was left behind locks nobody out.
 */
export class FolderLock implements Disposable {
  readonly #folder: string;
  readonly #database: Database;

  private constructor(folder: string, database: Database) {
    this.#folder = folder;
    this.#database = database;
  }

  static acquire(folder: string, what: string, advice: string): FolderLock {
    let database: Database | null = null;
    try {
      database = new Database(join(folder, LOCK_FILE), { create: true });
      chmodSync(join(folder, LOCK_FILE), 0o600); // whoever can read it can hold it
      database.run("PRAGMA locking_mode = EXCLUSIVE");
      database.run("BEGIN EXCLUSIVE");
      return new FolderLock(folder, database);
    } catch (cause) {
      database?.close();
      if ((cause as { code?: string }).code === "SQLITE_BUSY") {
        const message = `another Toru host is running on the ${what} ${folder}; stop it first, or ${advice}`;
        throw new SupervisorError("locked", message, { cause });
      }
      const message = `cannot write to the ${what} ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new SupervisorError("folder", message, { cause });
    }
  }

  /** False once the lock's file was removed: then it keeps nobody out any more. */
  isInPlace(): boolean {
    return existsSync(join(this.#folder, LOCK_FILE));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
