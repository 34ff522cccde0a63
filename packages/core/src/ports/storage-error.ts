/** Everything that the storage can fail with. The set is closed. */
const STORAGE_ERROR_CODES = [
  /** The database URL names no engine that this build has. */
  "unsupported_url",
  /** The folder or the file cannot be made, opened or protected. */
  "cannot_open",
  /** A newer version of the host made this database. */
  "newer_schema",
  /** A migration failed; the database is as it was before. */
  "migration_failed",
  /** The file is no database, or is damaged. */
  "corrupt",
  /** Another process held the database for longer than the wait allows. */
  "busy",
  "disk_full",
  /** The operating system refused to read or write. */
  "io_error",
  /** A row breaks a rule of the schema, such as a session of an account that is gone. */
  "constraint",
  /** A key or value holds a lone surrogate, which UTF-8 cannot carry. */
  "not_utf8",
  /** The plugin has stored as much as one may: `KV_QUOTA_BYTES`. */
  "quota_exceeded",
  /** `close()` was called before. */
  "closed",
  /** None of these: a defect of the host. */
  "internal",
] as const;

export type StorageErrorCode = (typeof STORAGE_ERROR_CODES)[number];

/** A fault of the storage. Outcomes that a caller must expect are return values, never this. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
