import { StorageError } from "@toru/core";
import type { Storage } from "./storage.ts";
import { openSqliteStorage } from "./sqlite/open-sqlite-storage.ts";

const SUPPORTED = "use sqlite:<path of the database file>, for example sqlite:./data/toru.db";

/**
 * Opens the database behind `url`, making and migrating it where needed. `sqlite:<path>` is supported; the path is taken
 * literally, relative ones from the working directory.
 *
 * @throws StorageError with code `unsupported_url`, `cannot_open`, `corrupt`, `newer_schema` or `migration_failed`.
 */
export async function openStorage(url: string): Promise<Storage> {
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(url) ?? [];
  if (scheme === undefined) {
    throw new StorageError(
      "unsupported_url",
      `the database URL does not start with the name of an engine; ${SUPPORTED}`,
    );
  }
  // The rest of a foreign URL may hold a password: only its scheme is repeated.
  if (scheme.toLowerCase() !== "sqlite") {
    throw new StorageError("unsupported_url", `databases of type "${scheme}" are not supported; ${SUPPORTED}`);
  }
  return openSqliteStorage(sqlitePath(rest));
}

function sqlitePath(path: string): string {
  if (path === "") throw new StorageError("unsupported_url", `the database URL names no file; ${SUPPORTED}`);
  if (path === ":memory:") {
    throw new StorageError("unsupported_url", `a database in memory would forget everything at exit; ${SUPPORTED}`);
  }
  if (/^\/\/[^/]/.test(path)) {
    throw new StorageError(
      "unsupported_url",
      `"//" after sqlite: would name a server, and SQLite has none; ${SUPPORTED}`,
    );
  }
  return path;
}
