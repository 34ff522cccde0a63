/** The `code` of an error from the operating system, such as `ENOSPC`; "unknown" where it has none. */
export function systemErrorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown";
}

/** Whether the error says that a path, or a folder on the way to it, is not there. */
export function isAbsent(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
