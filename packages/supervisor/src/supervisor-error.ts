/** Why the host cannot start. The set is closed. */
export type SupervisorErrorCode =
  /** Another host works on the same data or run folder. */
  | "locked"
  /** A folder that the host needs cannot be made or written. */
  | "folder"
  /** The run folder's path is too long for Unix sockets. */
  | "run_dir_too_long";

export class SupervisorError extends Error {
  override readonly name = "SupervisorError";
  readonly code: SupervisorErrorCode;

  constructor(code: SupervisorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
