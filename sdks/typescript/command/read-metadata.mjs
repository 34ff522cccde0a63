import { spawnSync } from "node:child_process";
import { CommandError } from "./command-error.mjs";

/** As long as the host waits. */
const METADATA_TIMEOUT_MS = 5_000;

/**
 * Asks the built file what it is, as the host will.
 *
 * @param {string} file absolute
 * @returns {Record<string, unknown> & { id: string, name: string, version: string, route: string }}
 */
export function readMetadata(file) {
  const { status, signal, stdout, stderr, error } = spawnSync(file, ["--metadata"], {
    encoding: "utf8",
    timeout: METADATA_TIMEOUT_MS,
  });
  if (error !== undefined || status !== 0) {
    const how = error?.message ?? (status === null ? `it was killed by ${signal}` : `it ended with code ${status}`);
    throw new CommandError(`the built plugin does not answer --metadata: ${how}\n${stderr.trim()}`);
  }
  try {
    return JSON.parse(stdout);
  } catch {
    const printed = JSON.stringify(stdout.slice(0, 200));
    throw new CommandError(`the built plugin must print one JSON object for --metadata, and printed ${printed}`);
  }
}
