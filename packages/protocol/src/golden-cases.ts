/** Reads `spec/golden` for the tests of this package. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const SPEC_FOLDER = join(import.meta.dir, "../../../spec");

export interface GoldenFrame {
  name: string;
  version: 1 | 2;
  direction: "host-to-plugin" | "plugin-to-host";
  hex: string;
  message: Record<string, unknown>;
  /** The answer that a host takes from a reply. */
  reads_as?: Record<string, unknown>;
  /** A reply to a kv request although its message has another type. */
  answers?: "kv";
}

export interface InvalidFrames {
  name: string;
  hex: string;
  error: string;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(SPEC_FOLDER, "golden", file), "utf8"));
}

export const GOLDEN_FRAMES = [
  "v1-host-to-plugin",
  "v1-plugin-to-host",
  "v2-host-to-plugin",
  "v2-plugin-to-host",
  "v2-streams",
].flatMap((name) => read(`${name}.json`) as GoldenFrame[]);

export const INVALID_FRAMES = read("invalid-frames.json") as InvalidFrames[];

export interface GoldenDataFrame {
  name: string;
  hex: string;
  stream: number;
  last: boolean;
  text: boolean;
  aborted: boolean;
  bytes_hex: string;
}

export const GOLDEN_DATA_FRAMES = read("data-frames.json") as GoldenDataFrame[];
