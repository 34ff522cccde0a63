/** A failure that is told to the person at the terminal in one message, without a stack. */
export class CliError extends Error {
  override readonly name = "CliError";
}
