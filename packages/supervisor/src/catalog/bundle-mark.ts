import { stat } from "node:fs/promises";
import { bundleFiles } from "../bundle.ts";
import type { PluginEntry } from "./plugin-entry.ts";

/** A text that changes whenever the bundle file beside a plugin does; "" where it has none. */
export async function bundleMark(pluginsDir: string, id: string): Promise<string> {
  for (const path of bundleFiles(pluginsDir, id)) {
    const facts = await stat(path, { bigint: true }).catch(() => null); // none, or none that could be served
    if (facts !== null) return [path, facts.dev, facts.ino, facts.size, facts.mtimeNs].join(":");
  }
  return "";
}

/** Looks at the bundle files of what runs, and tells of those that changed. */
export async function lookAtBundles(
  pluginsDir: string,
  entries: Iterable<PluginEntry>,
  onChanged: (entry: PluginEntry) => void,
): Promise<void> {
  for (const entry of entries) {
    const { runner } = entry;
    if (runner === null) continue;
    const mark = await bundleMark(pluginsDir, runner.id);
    if (mark === entry.bundleMark || entry.runner !== runner) continue;
    entry.bundleMark = mark;
    onChanged(entry);
  }
}
