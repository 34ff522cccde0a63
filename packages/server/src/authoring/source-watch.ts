import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Notices of this time are one change, in milliseconds: an editor saves by several steps. */
const GATHER_MS = 30;
/** How often the sources are looked at without a notice, which network and container file systems do not give, in milliseconds. */
const LOOK_INTERVAL_MS = 1_000;
/** Files beyond this count are not looked at: something that is no source is being watched. */
const MAX_FILES = 20_000;

const LEFT_OUT = new Set(["node_modules", "target", "__pycache__", "dist", ".git"]);

/** Calls back with the watched paths below which something changed: files came, went, or have another time or size. */
export class SourceWatch implements Disposable {
  readonly #folder: string;
  readonly #paths: readonly string[];
  readonly #onChange: (paths: string[]) => void;
  readonly #watchers: FSWatcher[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #known = new Map<string, string>();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #disposed = false;

  /** `paths` are relative to the folder; one that is not there counts once it is. */
  static async start(
    folder: string,
    paths: readonly string[],
    onChange: (paths: string[]) => void,
  ): Promise<SourceWatch> {
    const sources = new SourceWatch(folder, paths, onChange);
    sources.#known = await sources.#read();
    return sources;
  }

  private constructor(folder: string, paths: readonly string[], onChange: (paths: string[]) => void) {
    this.#folder = folder;
    this.#paths = [...new Set(paths)];
    this.#onChange = onChange;
    for (const path of this.#paths) this.#attach(path);
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#gathering);
    for (const watcher of this.#watchers) watcher.close();
  }

  #attach(path: string): void {
    try {
      const watcher = watch(join(this.#folder, path), { recursive: true }, () => {
        this.#gathering ??= setTimeout(() => {
          this.#gathering = undefined;
          this.#look();
        }, GATHER_MS);
      });
      watcher.on("error", () => watcher.close()); // the interval goes on
      this.#watchers.push(watcher);
    } catch {
      // Not there, or no watcher to be had: the interval alone serves.
    }
  }

  #look(): void {
    this.#looking = this.#looking.then(async () => {
      const now = await this.#read();
      if (this.#disposed) return;
      const changed = this.#paths.filter((path) => now.get(path) !== this.#known.get(path));
      this.#known = now;
      if (changed.length > 0) this.#onChange(changed);
    });
  }

  async #read(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const path of this.#paths) found.set(path, (await fingerprints(join(this.#folder, path))).join("\n"));
    return found;
  }
}

async function fingerprints(path: string): Promise<string[]> {
  const facts = await stat(path).catch(() => null);
  if (facts === null) return [];
  if (!facts.isDirectory()) return [`${path} ${facts.mtimeMs} ${facts.size}`];
  const names = (await readdir(path).catch((): string[] => [])).filter((name) => !LEFT_OUT.has(name)).sort();
  const all: string[] = [];
  for (const name of names) {
    all.push(...(await fingerprints(join(path, name))));
    if (all.length > MAX_FILES) break;
  }
  return all;
}
