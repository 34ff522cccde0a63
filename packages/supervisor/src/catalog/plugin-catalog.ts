import { findCollisions, routeKey, type Candidate } from "@toru/core";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { listPluginFiles, type PluginFile } from "../folder/plugin-file.ts";
import type { MetadataResult } from "../folder/read-metadata.ts";
import { watchFolder } from "../folder/watch-folder.ts";
import type { PluginRunner } from "../life/plugin-runner.ts";
import { bundleMark, lookAtBundles } from "./bundle-mark.ts";
import { invalidity, manifestOf, type PluginEntry } from "./plugin-entry.ts";
import { TaskLimit } from "./task-limit.ts";

/** A file is left alone until it has not changed for so long: it may still be copied. */
const SETTLE_MS = 150;
/** How long the others wait for a `--metadata` run that is slow, so that the first by name wins a collision. */
const METADATA_GRACE_MS = 1_000;
/** After this time a `--metadata` run no longer counts among those that run at once. */
const SLOW_METADATA_MS = 500;

/** A plugin that waits to be restarted would start whatever its file is by now. */
function holds(runner: PluginRunner): boolean {
  return runner.live && runner.state.status !== "backoff";
}

function firstByName(files: Iterable<PluginFile>): string | null {
  let first: string | null = null;
  for (const { file } of files) if (first === null || file < first) first = file;
  return first;
}

export interface CatalogOptions {
  pluginsDir: string;
  rescanIntervalMs: number;
  readMetadata: (file: PluginFile) => Promise<MetadataResult>;
  isEnabled: (pluginId: string) => boolean;
  makeRunner: (entry: PluginEntry) => PluginRunner;
  /** An entry became valid or invalid, its bundle file changed, or it is gone (`gone`). */
  onEntry: (entry: PluginEntry, gone: boolean) => void;
  complain: (message: string) => void;
  /** Like `complain`, and at the terminal. */
  alert: (message: string) => void;
}

/** The plugins folder, kept equal to what is on disk: which files are plugins, and a runner for each of those. */
export class PluginCatalog implements Disposable {
  readonly #options: CatalogOptions;
  readonly #entries = new Map<string, PluginEntry>();
  readonly #metadataRuns = new TaskLimit(Math.max(2, availableParallelism()), SLOW_METADATA_MS);
  #byId = new Map<string, PluginEntry>();
  #byRoute = new Map<string, PluginRunner>();
  /** Files whose metadata may still come before anything behind them by name is decided. */
  readonly #awaited = new Set<PluginFile>();
  #scanning: Promise<void> | null = null;
  #scanAgain = false;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  #watcher: Disposable | null = null;
  #trouble: string | null = null;
  #disposed = false;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** Reads the folder and keeps watching it. Resolves after the first look, before all metadata is there. */
  async start(): Promise<void> {
    await this.rescan();
    this.#watcher = watchFolder(this.#options.pluginsDir, this.#options.rescanIntervalMs, () => void this.rescan());
  }

  get entries(): Iterable<PluginEntry> {
    return this.#entries.values();
  }

  get runners(): PluginRunner[] {
    return [...this.#entries.values()].map(({ runner }) => runner).filter((runner) => runner !== null);
  }

  byId(id: string): PluginEntry | null {
    return this.#byId.get(id) ?? null;
  }

  byRoute(segment: string): PluginRunner | null {
    return this.#byRoute.get(routeKey(`/${segment}`)) ?? null;
  }

  /** The enabled entry that holds this route, other than the plugin `id`. */
  routeHolder(route: string, id: string): PluginEntry | null {
    const holder = this.#byRoute.get(routeKey(route));
    return holder === undefined || holder.id === id ? null : this.byId(holder.id);
  }

  rescan(): Promise<void> {
    if (this.#scanning !== null) {
      this.#scanAgain = true;
      return this.#scanning;
    }
    this.#scanning = this.#scan()
      .then(
        () => {
          this.#trouble = null;
        },
        (error: unknown) => this.#tellTrouble(String(error)),
      )
      .finally(() => {
        this.#scanning = null;
        if (this.#scanAgain && !this.#disposed) {
          this.#scanAgain = false;
          void this.rescan();
        }
      });
    return this.#scanning;
  }

  /** Once for each trouble, not at every look. */
  #tellTrouble(reason: string): void {
    if (reason !== this.#trouble) this.#options.alert(`the plugins folder cannot be read: ${reason}`);
    this.#trouble = reason;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#settleTimer);
    this.#watcher?.[Symbol.dispose]();
  }

  async #scan(): Promise<void> {
    if (this.#disposed) return;
    const { pluginsDir } = this.#options;
    await mkdir(pluginsDir, { recursive: true, mode: 0o755 });
    const files = await listPluginFiles(pluginsDir);
    if (this.#disposed) return;
    const present = new Set(files.map(({ file }) => file));
    for (const entry of this.#entries.values()) if (!present.has(entry.file.file) && !entry.gone) this.#drop(entry);
    for (const file of files) this.#look(file);
    this.reconcile();
    await lookAtBundles(pluginsDir, this.#entries.values(), (entry) => {
      if (!this.#disposed) this.#options.onEntry(entry, false);
    });
  }

  #look(file: PluginFile): void {
    const known = this.#entries.get(file.file);
    if (known !== undefined) known.gone = false;
    if (known?.file.fingerprint === file.fingerprint) return;
    const age = Date.now() - file.changedAt;
    if (age >= 0 && age < SETTLE_MS) {
      clearTimeout(this.#settleTimer);
      this.#settleTimer = setTimeout(() => void this.rescan(), SETTLE_MS);
      return;
    }
    const entry: PluginEntry = known ?? {
      file,
      reading: null,
      bundleMark: "",
      collision: null,
      runner: null,
      retiring: false,
      gone: false,
    };
    entry.file = file;
    this.#entries.set(file.file, entry);
    if (file.problem !== null) this.#learn(entry, { ok: false, id: null, reason: file.problem });
    else void this.#read(entry, file);
  }

  async #read(entry: PluginEntry, file: PluginFile): Promise<void> {
    this.#awaited.add(file);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = () => {
      if (this.#disposed) throw new Error("the host is stopping");
      timer = setTimeout(() => {
        this.#awaited.delete(file);
        this.reconcile();
      }, METADATA_GRACE_MS);
      return this.#options.readMetadata(file);
    };
    const result = await this.#metadataRuns
      .run(run)
      .catch((error: unknown) => ({ ok: false, id: null, reason: `--metadata failed: ${String(error)}` }) as const);
    if (result.ok) entry.bundleMark = await bundleMark(this.#options.pluginsDir, result.manifest.id);
    clearTimeout(timer);
    this.#awaited.delete(file);
    if (this.#disposed || this.#entries.get(file.file) !== entry || entry.file !== file) return this.reconcile();
    this.#learn(entry, result);
    this.reconcile();
  }

  #learn(entry: PluginEntry, result: MetadataResult): void {
    const { runner } = entry;
    if (!result.ok && result.isBusy === true) {
      entry.file = { ...entry.file, fingerprint: "busy" }; // so that the next look reads it again
      if (entry.reading !== null && "reason" in entry.reading && entry.reading.reason === result.reason) return;
    }
    if (!result.ok && runner?.live === true) {
      runner.problem = `the file changed and its new version is no plugin: ${result.reason}. The version before runs on until it ends`;
      this.#options.complain(`${entry.file.file}: ${runner.problem}`);
    } else if (runner !== null) this.#retire(entry, runner);
    entry.reading = result.ok ? { manifest: result.manifest } : { id: result.id, reason: result.reason };
    if (!result.ok) {
      this.#options.complain(`${entry.file.file} is no valid plugin: ${result.reason}`);
      this.#options.onEntry(entry, false);
    }
  }

  #drop(entry: PluginEntry): void {
    entry.gone = true;
    if (entry.runner !== null) this.#retire(entry, entry.runner);
    else this.#forget(entry);
  }

  #retire(entry: PluginEntry, runner: PluginRunner): void {
    if (entry.retiring) return;
    entry.retiring = true;
    void runner.remove().then(() => {
      entry.retiring = false;
      entry.runner = null;
      if (entry.gone) this.#forget(entry);
      this.reconcile();
    });
  }

  #forget(entry: PluginEntry): void {
    this.#entries.delete(entry.file.file);
    this.#options.onEntry(entry, true);
  }

  /**
   * Decides anew which entries are plugins, and starts those that became one. A file whose metadata is still to come may win against
   * those behind it by name: they wait.
   */
  reconcile(): void {
    if (this.#disposed) return;
    const undecided = firstByName(this.#awaited);
    const collisions = findCollisions(this.#candidates());
    for (const entry of this.#entries.values()) {
      if (undecided !== null && entry.file.file >= undecided) continue;
      const collision = collisions.get(entry.file.file) ?? null;
      const isNew = collision !== null && entry.collision?.reason !== collision.reason;
      entry.collision = collision;
      if (isNew) this.#options.complain(`${entry.file.file} is no valid plugin: ${collision.reason}`);
      const unfit = invalidity(entry) !== null;
      if (entry.runner !== null && unfit && !holds(entry.runner)) this.#retire(entry, entry.runner);
      if (isNew) this.#options.onEntry(entry, false);
      if (entry.runner === null && !unfit && !entry.gone && entry.reading !== null) this.#begin(entry);
    }
    this.#index();
  }

  #begin(entry: PluginEntry): void {
    const runner = this.#options.makeRunner(entry);
    entry.runner = runner;
    this.#options.onEntry(entry, false);
    if (this.#options.isEnabled(runner.id)) runner.dispatch({ type: "start" });
  }

  #candidates(): Candidate[] {
    const candidates: Candidate[] = [];
    for (const entry of this.#entries.values()) {
      const live = entry.runner?.live === true;
      // What runs holds the id and route that it was started with, whatever its file says by now.
      const manifest = live && entry.runner !== null ? entry.runner.manifest : manifestOf(entry);
      if (manifest === null || (entry.gone && !live)) continue;
      const enabled = this.#options.isEnabled(manifest.id);
      candidates.push({ file: entry.file.file, manifest, live, enabled });
    }
    return candidates;
  }

  #index(): void {
    this.#byId = new Map();
    this.#byRoute = new Map();
    for (const entry of this.#entries.values()) {
      const { runner } = entry;
      if (runner !== null) {
        this.#byId.set(runner.id, entry);
        if (this.#options.isEnabled(runner.id)) this.#byRoute.set(routeKey(runner.manifest.route), runner);
      } else {
        const id = manifestOf(entry)?.id ?? invalidity(entry)?.id ?? null;
        if (id !== null && !this.#byId.has(id)) this.#byId.set(id, entry);
      }
    }
  }
}
