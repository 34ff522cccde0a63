import type { LogEntry } from "@toru/http-api";
import { withoutAnsi } from "./ansi-spans.ts";

/** One line as plain text, for pasting elsewhere: its time in UTC, no colours. */
export function logText({ timestamp, level, message, error, fields }: LogEntry): string {
  const parts = [timestamp, level.toUpperCase().padEnd(5), withoutAnsi(message)];
  if (error !== undefined) parts.push(`error=${JSON.stringify(error)}`);
  if (fields !== undefined) parts.push(JSON.stringify(fields));
  return parts.join(" ");
}

/** What is selected inside the element; empty where nothing is. */
export function selectedText(element: Element | null): string {
  const root = element?.getRootNode();
  // Chromium has a selection for each shadow root; the others have one for the document.
  const selection =
    root !== undefined && "getSelection" in root && typeof root.getSelection === "function"
      ? (root.getSelection() as Selection | null)
      : document.getSelection();
  const { anchorNode } = selection ?? {};
  if (!selection || !anchorNode || element?.contains(anchorNode) !== true) return "";
  return selection.toString();
}
