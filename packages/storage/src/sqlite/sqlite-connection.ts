import { Database } from "bun:sqlite";
import type { CompiledQuery } from "kysely";
import { StorageError } from "@toru/core";
import { sqliteFault } from "./sqlite-fault.ts";

/** How long a call waits for another process to let go of the database. */
const BUSY_LIMIT_MS = 5_000;
/** How soon a call that waits tries again. */
const BUSY_RETRY_MS = 20;
/** The write-ahead log is cut back to this size after a checkpoint; a flood of large values may make it longer for a while. */
const WAL_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * The one connection to a database file. `bun:sqlite` runs every statement to its end before it returns, and no
 * transaction of ours spans an `await`: so calls never interleave.
 *
 * WAL with `synchronous=NORMAL`: a commit is in the file system before it is answered and survives a kill of the host;
 * the disk is only forced to keep it at the next checkpoint, so a power cut may take the last seconds (never the
 * consistency). FULL would force it at each commit: many times slower, and the whole host waits meanwhile. Where losing
 * the last word matters more than time (accounts), `durably` uses FULL.
 */
export class SqliteConnection {
  readonly path: string;
  readonly database: Database;
  #closed = false;

  private constructor(path: string) {
    this.path = path;
    this.database = new Database(path, { readwrite: true, create: false, strict: true });
  }

  static async open(path: string): Promise<SqliteConnection> {
    const connection = new SqliteConnection(path);
    const { database } = connection;
    try {
      database.run(`PRAGMA busy_timeout = ${BUSY_LIMIT_MS}`);
      // SQLite itself does not wait for this: two processes that turn a new file to WAL block each other.
      await untilFree(path, () => connection.#useWal());
      database.run(`PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
      database.run("PRAGMA synchronous = NORMAL");
      database.run("PRAGMA foreign_keys = ON");
      return connection;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  #useWal(): void {
    const mode = this.database.query<{ journal_mode: string }, []>("PRAGMA journal_mode = WAL").get()?.journal_mode;
    if (mode === "wal") return;
    const reason = `SQLite keeps journal mode "${mode}"; WAL needs a local file system`;
    throw new StorageError("cannot_open", `cannot open ${this.path}: ${reason}; move the database to a local disk`);
  }

  /** From now on nothing blocks the event loop while another process holds the database: see `whenFree`. */
  stopBlocking(): void {
    this.database.run("PRAGMA busy_timeout = 0");
  }

  /** Runs `work`, and again while another process holds the database, for up to 5 s. It must leave nothing half done. */
  async whenFree<Result>(work: () => Result): Promise<Result> {
    try {
      return await untilFree(this.path, work);
    } catch (error) {
      throw this.fault(error);
    }
  }

  /** Runs one statement and returns its rows. */
  all<Row>(query: CompiledQuery<Row>): Promise<Row[]> {
    return this.whenFree(() => this.allNow(query));
  }

  /** As `all`, of which the first row matters. */
  async first<Row>(query: CompiledQuery<Row>): Promise<Row | null> {
    return (await this.all(query))[0] ?? null;
  }

  /** Runs `work` as one transaction that survives a power cut once this resolves; all or nothing. */
  durably<Result>(work: () => Result): Promise<Result> {
    return this.whenFree(() => {
      this.database.run("PRAGMA synchronous = FULL");
      try {
        return this.database.transaction(work).immediate();
      } finally {
        this.database.run("PRAGMA synchronous = NORMAL");
      }
    });
  }

  /** For the work of `durably`, which does not wait. */
  allNow<Row>(query: CompiledQuery<Row>): Row[] {
    return this.database.query<Row, never[]>(query.sql).all(...(query.parameters as never[]));
  }

  /** As `allNow`, of which the first row matters. */
  firstNow<Row>(query: CompiledQuery<Row>): Row | null {
    return this.allNow(query)[0] ?? null;
  }

  fault(error: unknown): StorageError {
    if (this.#closed) return new StorageError("closed", `database ${this.path} was closed before`, { cause: error });
    return sqliteFault(error, this.path);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.database.close(true);
  }
}

/** Runs `work`, and again while another process holds the database, for up to 5 s. Throws what it throws. */
async function untilFree<Result>(path: string, work: () => Result): Promise<Result> {
  const deadline = performance.now() + BUSY_LIMIT_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (sqliteFault(error, path).code !== "busy" || performance.now() >= deadline) throw error;
    }
    await Bun.sleep(BUSY_RETRY_MS);
  }
}
