/** Whether a log reader refused a cursor, which came from the client. */
export function isInvalidCursor(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "invalid_cursor";
}

export const INVALID_CURSOR = {
  detail: "The cursor is not one that an earlier answer held. Start again without it.",
  errors: [{ field: "cursor", message: "is not one that an earlier answer held" }],
};
