import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** All files together. */
export const LOG_BYTES = 1e9;
/** Rotated files, beside the current one. */
const ROTATED = 5;
export const RARE_WORD = "needle-in-the-hay";
/** In each file one, a tenth before its end. */
export const RARE_LINES = ROTATED + 1;
const CHUNK_LINES = 4_096;
const START_MS = Date.UTC(2026, 0, 1);

/** Writes a log as the host does, of `LOG_BYTES` in as many files as are kept; returns their paths, newest first. */
export function writeBigLog(path: string, plugin: string): string[] {
  mkdirSync(dirname(path), { recursive: true });
  const paths = [path, ...Array.from({ length: ROTATED }, (_, index) => `${path}.${index + 1}`)];
  for (const [age, file] of paths.entries()) writeFile(file, START_MS - age * 3_600_000, plugin);
  return paths;
}

function writeFile(path: string, startMs: number, plugin: string): void {
  const fd = openSync(path, "w");
  const bytes = LOG_BYTES / (ROTATED + 1);
  let isRareWritten = false;
  for (let written = 0, chunk = 0; written < bytes; chunk += 1) {
    const isRare: boolean = !isRareWritten && written > bytes * 0.9;
    written += writeSync(fd, chunkOf(startMs + chunk * CHUNK_LINES, plugin, isRare));
    if (isRare) isRareWritten = true;
  }
  closeSync(fd);
}

/** About 150 bytes a line, one in a hundred a warning. */
function chunkOf(startMs: number, plugin: string, isRare: boolean): string {
  const lines = Array.from({ length: CHUNK_LINES }, (_, index) => {
    const timestamp = new Date(startMs + index).toISOString();
    const level = index % 100 === 0 ? "warn" : "info";
    const word = isRare && index === 0 ? RARE_WORD : "hay";
    const message = `GET /items/${(index * 7_919) % 100_000} answered 200 in ${index % 250} ms, ${word} for client ${index % 512}`;
    return `${JSON.stringify({ timestamp, level, plugin, message })}\n`;
  });
  return lines.join("");
}
