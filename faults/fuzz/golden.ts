/** What `spec/golden` holds, as bytes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Golden {
  hex: string;
  message?: Record<string, unknown>;
}

const folder = join(import.meta.dir, "../../spec/golden");

function read(...files: string[]): Golden[] {
  return files.flatMap((file) => JSON.parse(readFileSync(join(folder, `${file}.json`), "utf8")) as Golden[]);
}

/** Without their lengths, and none that is longer than mutations are interesting in. */
function payloads(cases: Golden[]): Buffer[] {
  return cases.map(({ hex }) => Buffer.from(hex, "hex").subarray(4)).filter(({ length }) => length < 4096);
}

export const FROM_HOST = payloads(read("v1-host-to-plugin", "v2-host-to-plugin", "v2-streams"));
export const FROM_PLUGIN = payloads(read("v1-plugin-to-host", "v2-plugin-to-host", "v2-streams"));
export const DATA_FRAMES = payloads(read("data-frames"));
export const INVALID = payloads(read("invalid-frames"));
export const ALL = [...FROM_HOST, ...FROM_PLUGIN, ...DATA_FRAMES, ...INVALID];
