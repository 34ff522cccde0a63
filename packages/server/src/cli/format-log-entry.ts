import { stripVTControlCharacters } from "node:util";

interface ShownEntry {
  timestamp: string;
  level: string;
  message: string;
  error?: string | undefined;
  fields?: Record<string, unknown> | undefined;
}

/** One entry for a terminal: nothing that a plugin wrote may steer it. */
export function formatLogEntry({ timestamp, level, message, error, fields }: ShownEntry): string {
  const parts = [timestamp, level.toUpperCase().padEnd(5), printable(message)];
  if (error !== undefined) parts.push(`error=${printable(error)}`);
  if (fields !== undefined) parts.push(printable(JSON.stringify(fields)));
  return parts.join(" ");
}

export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "�");
}
