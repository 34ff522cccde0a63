import { readFile } from "node:fs/promises";
import { pause } from "./connect-when-listening.ts";

/** One reading serves all plugins that ask within this time. */
const MAX_AGE_MS = 20;
/** How often a starting plugin's socket is looked for, in milliseconds. */
const POLL_MS = 10;
/** __SO_ACCEPTCON of the kernel: the socket listens. */
const LISTENING = 0x10000;

let latest: { at: number; paths: Promise<Set<string>> } | null = null;

/**
 * Whether a process listens on this socket, without connecting to it: a connection would take the one place of a
 * plugin that serves one at a time. What it answers may be up to `maxAgeMs` old.
 */
export async function isListening(path: string, maxAgeMs = MAX_AGE_MS): Promise<boolean> {
  const now = performance.now();
  if (latest === null || now - latest.at >= maxAgeMs) latest = { at: now, paths: readListening() };
  return (await latest.paths).has(path);
}

/** Looks from outside until somebody listens. False when the signal was aborted first. */
export async function untilListening(path: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await isListening(path)) return true;
    await pause(POLL_MS, signal);
  }
  return false;
}

async function readListening(): Promise<Set<string>> {
  const paths = new Set<string>();
  // Num RefCount Protocol Flags Type St Inode Path
  for (const line of (await readFile("/proc/net/unix", "utf8")).split("\n")) {
    const fields = line.split(" ").filter((field) => field !== "");
    const path = fields.slice(7).join(" ");
    if (path !== "" && (Number.parseInt(fields[3] ?? "0", 16) & LISTENING) !== 0) paths.add(path);
  }
  return paths;
}
