import type { NewLogEntry } from "@toru/core";
import { cutToJsonBytes, jsonString, safeJsonText } from "./json-text.ts";
import { serializeFields } from "./serialize-fields.ts";

/** Longest line that is written, in bytes of UTF-8 with its newline: 16 KiB. */
export const MAX_LINE_BYTES = 16 * 1024;
/** What a line that must be cut keeps of `error`, and of `fields` as a whole, in bytes; the message takes the rest. */
const MAX_CUT_PART_BYTES = 4 * 1024;
/** Room for keys, time, level and the mark, in bytes; the plugin's name comes on top. */
const FRAME_BYTES = 256;
const MAX_NAME_LENGTH = 256;

interface LineParts {
  head: string;
  message: string;
  error: string | undefined;
  /** JSON text of an object. */
  fields: string | null;
}

/**
 * One line of a log file, with its newline. A line over `MAX_LINE_BYTES` loses the end of its message and error, or all of
 * its fields, and tells in `fields.truncated_bytes` how many bytes of text that were. Never throws.
 */
export function encodeLine(timestamp: string, plugin: string, entry: NewLogEntry): string {
  const name = jsonString(plugin.slice(0, MAX_NAME_LENGTH));
  const fields = serializeFields(entry.fields);
  const parts: LineParts = {
    head: `{"timestamp":"${timestamp}","level":"${entry.level}","plugin":${name}`,
    message: entry.message,
    error: entry.error,
    fields: fields === null ? null : safeJsonText(fields),
  };
  const isSurelyLong = parts.message.length + (parts.error?.length ?? 0) > MAX_LINE_BYTES;
  if (!isSurelyLong) {
    const line = assemble(parts);
    // No UTF-16 unit takes more than three bytes.
    if (line.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(line) <= MAX_LINE_BYTES) return line;
  }
  return assemble(cut(parts));
}

function assemble({ head, message, error, fields }: LineParts): string {
  const errorText = error === undefined ? "" : `,"error":${jsonString(error)}`;
  const fieldsText = fields === null ? "" : `,"fields":${fields}`;
  return `${head},"message":${jsonString(message)}${errorText}${fieldsText}}\n`;
}

function cut(parts: LineParts): LineParts {
  const fieldsBytes = parts.fields === null ? 0 : Buffer.byteLength(parts.fields);
  const keepsFields = fieldsBytes <= MAX_CUT_PART_BYTES;
  const error = parts.error === undefined ? undefined : cutToJsonBytes(parts.error, MAX_CUT_PART_BYTES);
  const errorBytes = error === undefined ? 0 : Buffer.byteLength(jsonString(error));
  const taken = FRAME_BYTES + Buffer.byteLength(parts.head) + errorBytes + (keepsFields ? fieldsBytes : 0);
  const message = cutToJsonBytes(parts.message, MAX_LINE_BYTES - taken);
  const lost =
    bytesLost(parts.message, message) + bytesLost(parts.error ?? "", error ?? "") + (keepsFields ? 0 : fieldsBytes);
  return { head: parts.head, message, error, fields: withMark(keepsFields ? parts.fields : null, lost) };
}

function bytesLost(whole: string, kept: string): number {
  return Buffer.byteLength(whole) - Buffer.byteLength(kept);
}

function withMark(fields: string | null, truncatedBytes: number): string {
  const mark = `"truncated_bytes":${truncatedBytes}}`;
  return fields === null || fields === "{}" ? `{${mark}` : `${fields.slice(0, -1)},${mark}`;
}
