import { isObject } from "@toru/protocol";
import { mkdir, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Confinement, parseConfinement, UNCONFINED } from "../confine/confinement.ts";
import { removeUnfinished, writeFileAtomically } from "./write-file-atomically.ts";

type Config = Record<string, unknown> & { plugins: Record<string, unknown> };

/**
 * `<plugins>/.metadata/config.json`: which plugins a person, or the crash limit, has disabled, and how they are confined. An entry
 * is `true`, `false` or `{"enabled", "user", "limits"}`; absent means enabled. Keys that the host does not know are kept.
 */
export class EnabledPlugins {
  readonly #path: string;
  #config: Config;
  #writes: Promise<unknown> = Promise.resolve();

  private constructor(path: string, config: Config) {
    this.#path = path;
    this.#config = config;
  }

  /** A file that cannot be understood is set aside; `complain` is told where it is now. */
  static async load(pluginsDir: string, complain: (message: string) => void): Promise<EnabledPlugins> {
    const path = join(pluginsDir, ".metadata", "config.json");
    await removeUnfinished(path);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw error;
    });
    if (text === null) return new EnabledPlugins(path, emptyConfig());
    const read = parse(text);
    if (typeof read !== "string") return new EnabledPlugins(path, read);
    const aside = `${path}.broken-${new Date().toISOString().replaceAll(":", "-")}`;
    await rename(path, aside);
    complain(
      `${path} is not usable (${read}). It was set aside as ${aside}, and every plugin counts as enabled now. ` +
        "Mend that file and copy it back while the host is stopped, or disable plugins again",
    );
    return new EnabledPlugins(path, emptyConfig());
  }

  isEnabled(pluginId: string): boolean {
    const entry = this.#entry(pluginId);
    return isObject(entry) ? entry["enabled"] !== false : entry !== false;
  }

  /** In words where its entry is wrong: then the plugin must not run at all. */
  confinement(pluginId: string): Confinement | string {
    const entry = this.#entry(pluginId);
    return isObject(entry) ? parseConfinement(entry) : UNCONFINED;
  }

  /** Rejects, and changes nothing, where the file cannot be written. */
  async set(pluginId: string, enabled: boolean): Promise<void> {
    const write = this.#writes.then(async () => {
      const stored = this.#entry(pluginId);
      if (stored === enabled || (isObject(stored) && stored["enabled"] === enabled)) return;
      const entry = isObject(stored) ? { ...stored, enabled } : enabled;
      // Spreading copies a `__proto__` key as an ordinary one only through entries.
      const plugins = Object.fromEntries([...Object.entries(this.#config.plugins), [pluginId, entry]]);
      const next: Config = { ...this.#config, plugins };
      await mkdir(dirname(this.#path), { recursive: true });
      await writeFileAtomically(this.#path, `${JSON.stringify(next, null, 2)}\n`, 0o644);
      this.#config = next;
    });
    this.#writes = write.catch(() => undefined); // the caller of this `set` hears of it; the next one starts afresh
    return write;
  }

  #entry(pluginId: string): unknown {
    return Object.hasOwn(this.#config.plugins, pluginId) ? this.#config.plugins[pluginId] : undefined;
  }
}

function emptyConfig(): Config {
  return { plugins: {} };
}

/** The config, or what is wrong with it. */
function parse(text: string): Config | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (!isObject(value)) return "it is not a JSON object";
  const plugins = value["plugins"] ?? {};
  if (!isObject(plugins)) return '"plugins" is not an object';
  for (const [id, entry] of Object.entries(plugins)) {
    const enabled = isObject(entry) ? (entry["enabled"] ?? true) : entry;
    if (typeof enabled !== "boolean") return `plugins.${id} is neither true nor false`;
  }
  return { ...value, plugins };
}
