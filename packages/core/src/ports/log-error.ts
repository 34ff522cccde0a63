/** What can go wrong with the log folder and its readers. The set is closed; writers have no errors, they count. */
export type LogErrorCode =
  /** The log folder cannot be made or written. */
  | "directory_not_writable"
  /** A cursor that no reader has given. */
  | "invalid_cursor"
  /** An id that cannot be the name of a log file. */
  | "invalid_plugin_id"
  /** A log file is there but cannot be read. */
  | "not_readable";

export class LogError extends Error {
  override readonly name = "LogError";
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
