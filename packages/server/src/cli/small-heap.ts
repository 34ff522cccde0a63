import { ownCommand } from "./own-command.ts";

/**
 * What the JavaScript engine takes for the machine's memory, in bytes, when it decides how far the heap may grow before
 * it collects. By the real size it would let a host on a large machine keep twice as much garbage for nothing.
 */
const ASSUMED_MEMORY_BYTES = 256 * 1024 * 1024;
const VARIABLE = "BUN_JSC_forceRAMSize";

/** The engine reads it when the process starts: so the process starts once more, as itself, with the same number. */
export function keepHeapSmall(): void {
  if (process.env[VARIABLE] !== undefined || process.execve === undefined) return;
  const environment = { ...process.env, [VARIABLE]: String(ASSUMED_MEMORY_BYTES) };
  process.execve(process.execPath, [...ownCommand(), ...process.argv.slice(2)], environment);
}
