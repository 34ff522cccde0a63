import { copyFile, link, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pluginIds } from "../programs/small-plugins.ts";

const PYTHON = join(import.meta.dir, "../../packages/server/tests/plugins/v2.py");
/** How long the slow plugin takes before it listens. */
const SLOW_MS = 1_000;

export interface Plugin {
  id: string;
  kind: "rust" | "python" | "slow";
}

/** Plugins that start together; the last one is the slowest of them. */
export interface Crowd {
  name: string;
  plugins: Plugin[];
}

const of = (count: number, kind: Plugin["kind"]): Plugin[] => pluginIds(count).map((id) => ({ id, kind }));

export const CROWDS: readonly Crowd[] = [
  { name: "100 in Rust", plugins: of(100, "rust") },
  { name: "99 in Rust, one that takes 1 s", plugins: [...of(99, "rust"), { id: "slow", kind: "slow" }] },
  { name: "100 in Python", plugins: of(100, "python") },
];

export function smallCrowd(count: number): Plugin[] {
  return of(count, "rust");
}

/** `program`: the compiled plugin.rs. */
export async function install(plugins: readonly Plugin[], program: string, folder: string): Promise<void> {
  await mkdir(join(folder, "plugins"), { recursive: true });
  for (const { id, kind } of plugins) {
    const file = join(folder, "plugins", `${id}.binary`);
    if (kind === "rust") await link(program, file);
    else await copyFile(PYTHON, file);
    if (kind !== "slow") continue;
    const settings = join(folder, "plugins", `${id}.fixture.json`);
    await writeFile(settings, JSON.stringify({ behaviour: "bind-late", ms: SLOW_MS }));
  }
}
