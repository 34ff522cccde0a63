import type { Collision, Manifest } from "@toru/core";
import type { PluginFile } from "../folder/plugin-file.ts";
import type { PluginRunner } from "../life/plugin-runner.ts";

/** What is known of one file in the plugins folder. */
export interface PluginEntry {
  file: PluginFile;
  /** Null until its metadata was read. */
  reading: { manifest: Manifest } | { id: string | null; reason: string } | null;
  /** Its metadata is read again from then on although the file is the same, by `performance.now()`. */
  readAgainAt: number;
  /** How often that has come to nothing. */
  lateReads: number;
  /** Changes with the bundle file beside it. Of what has a runner. */
  bundleMark: string;
  /** Whose id or route it would take. */
  collision: Collision | null;
  /** While its metadata is fine and nothing collides, or while it still runs from before. */
  runner: PluginRunner | null;
  /** The runner is being stopped for good, to be replaced or dropped. */
  retiring: boolean;
  /** The file was removed; the entry stays until its runner has ended. */
  gone: boolean;
}

export function manifestOf(entry: PluginEntry): Manifest | null {
  return entry.reading !== null && "manifest" in entry.reading ? entry.reading.manifest : null;
}

/** The id that it has or would have; null where it is not known. */
export function idOf(entry: PluginEntry): string | null {
  return entry.runner?.id ?? manifestOf(entry)?.id ?? invalidity(entry)?.id ?? null;
}

/** Why the entry is no plugin; null where it is one, or is not known yet. */
export function invalidity(entry: PluginEntry): { id: string | null; reason: string } | null {
  if (entry.reading !== null && "reason" in entry.reading) return entry.reading;
  return entry.collision;
}
