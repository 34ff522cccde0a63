/** Something that the author can mend: the command prints the message without a stack and ends with code 1. */
export class CommandError extends Error {
  /** @override */
  name = "CommandError";
}
