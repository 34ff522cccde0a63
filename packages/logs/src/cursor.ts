import { LogError } from "@toru/core";

/** A place between two lines: the file by its identity, which survives renaming, and a byte offset in it. */
export interface Position {
  file: string;
  offset: number;
}

/** Before every line that is kept. */
export const START_OF_LOG = "start";

const CURSOR = /^([0-9a-z]{1,13}\.[0-9a-z]{1,7})\.([0-9a-z]{1,11})$/;
const RADIX = 36;

export function formatCursor({ file, offset }: Position): string {
  return `${file}.${offset.toString(RADIX)}`;
}

/** Throws `invalid_cursor` for what no reader has given. */
export function parseCursor(cursor: string): Position | typeof START_OF_LOG {
  if (cursor === START_OF_LOG) return START_OF_LOG;
  const match = CURSOR.exec(cursor);
  const [, file, digits] = match ?? [];
  if (file === undefined || digits === undefined) throw invalidCursor();
  const offset = Number.parseInt(digits, RADIX);
  if (!Number.isSafeInteger(offset)) throw invalidCursor();
  return { file, offset };
}

export function invalidCursor(): LogError {
  return new LogError(
    "invalid_cursor",
    "this cursor is not one that the log reader has given; start again without a cursor",
  );
}
