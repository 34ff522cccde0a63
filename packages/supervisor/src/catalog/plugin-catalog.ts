import { findCollisions, type Candidate } from "@toru/core";
import { mkdir } from "node:fs/promises";
import { listPluginFiles, type PluginFile } from "../folder/plugin-file.ts";
import type { MetadataResult } from "../folder/read-metadata.ts";
import { watchFolder } from "../folder/watch-folder.ts";
import type { PluginRunner } from "../life/plugin-runner.ts";
import type { ProcessorTurns } from "../resources/processor-turns.ts";
import { bundleMark, lookAtBundles } from "./bundle-mark.ts";
import { MetadataReader } from "./metadata-reader.ts";
import { invalidity, manifestOf, type PluginEntry } from "./plugin-entry.ts";
import { PluginIndex } from "./plugin-index.ts";

/** A file is left alone until it has not changed for so long: it may still be copied. */
const SETTLE_MS = 150;
/** After this time a `--metadata` run that did not end is tried again, since the machine may have been too busy; it doubles, */
const LATE_RETRY_MS = 10_000;
/** so many times. */
const MAX_DOUBLINGS = 5;

/** A plugin that waits to be restarted would start whatever its file is by now. */
function holds(runner: PluginRunner): boolean {
  return runner.live && runner.state.status !== "backoff";
}

export interface CatalogOptions {
  pluginsDir: string;
  rescanIntervalMs: number;
  lateRetryMs?: number;
  /** `onSpawn` is told the process that is asked. */
  readMetadata: (file: PluginFile, onSpawn: (pid: number) => void) => Promise<MetadataResult>;
  /** For the `--metadata` runs. */
  turns: ProcessorTurns;
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
  readonly #reader: MetadataReader;
  readonly #over = new AbortController();
  #index: PluginIndex;
  #scanning: Promise<void> | null = null;
  #scanAgain = false;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  #watcher: Disposable | null = null;
  #trouble: string | null = null;

  constructor(options: CatalogOptions) {
    this.#options = options;
    this.#reader = new MetadataReader({ ...options, onSlow: () => this.reconcile() });
    this.#index = new PluginIndex([], options.isEnabled);
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
    return this.#index.byId(id);
  }

  byRoute(segment: string): PluginRunner | null {
    return this.#index.byRoute(`/${segment}`);
  }

  /** The enabled entry that holds this route, other than the plugin `id`. */
  routeHolder(route: string, id: string): PluginEntry | null {
    const holder = this.#index.byRoute(route);
    return holder === null || holder.id === id ? null : this.byId(holder.id);
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
        if (this.#scanAgain && !this.#over.signal.aborted) {
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
    this.#over.abort();
    clearTimeout(this.#settleTimer);
    this.#watcher?.[Symbol.dispose]();
  }

  async #scan(): Promise<void> {
    if (this.#over.signal.aborted) return;
    const { pluginsDir } = this.#options;
    await mkdir(pluginsDir, { recursive: true, mode: 0o755 });
    const files = await listPluginFiles(pluginsDir);
    if (this.#over.signal.aborted) return;
    const present = new Set(files.map(({ file }) => file));
    for (const entry of this.#entries.values()) if (!present.has(entry.file.file) && !entry.gone) this.#drop(entry);
    for (const file of files) this.#look(file);
    this.reconcile();
    await lookAtBundles(pluginsDir, this.#entries.values(), (entry) => {
      if (!this.#over.signal.aborted) this.#options.onEntry(entry, false);
    });
  }

  #look(file: PluginFile): void {
    const known = this.#entries.get(file.file);
    const isSame = known?.file.fingerprint === file.fingerprint;
    if (known !== undefined) {
      // What was known of a file that was removed says nothing about another in its place.
      if (known.gone && !isSame) known.reading = null;
      known.gone = false;
      if (isSame && performance.now() < known.readAgainAt) return;
    }
    const age = Date.now() - file.changedAt;
    if (age >= 0 && age < SETTLE_MS) {
      clearTimeout(this.#settleTimer);
      this.#settleTimer = setTimeout(() => void this.rescan(), SETTLE_MS);
      return;
    }
    const entry: PluginEntry = known ?? {
      file,
      reading: null,
      readAgainAt: Number.POSITIVE_INFINITY,
      lateReads: 0,
      bundleMark: "",
      collision: null,
      runner: null,
      retiring: false,
      gone: false,
    };
    entry.file = file;
    entry.readAgainAt = Number.POSITIVE_INFINITY;
    if (!isSame) entry.lateReads = 0;
    this.#entries.set(file.file, entry);
    if (file.problem !== null) this.#learn(entry, { ok: false, id: null, reason: file.problem });
    else void this.#read(entry, file);
  }

  async #read(entry: PluginEntry, file: PluginFile): Promise<void> {
    const result = await this.#reader.read(file, this.#over.signal);
    if (result?.ok === true) entry.bundleMark = await bundleMark(this.#options.pluginsDir, result.manifest.id);
    this.#reader.settle(file);
    if (result === null || this.#over.signal.aborted) return;
    if (this.#entries.get(file.file) === entry && entry.file === file) this.#learn(entry, result);
    this.reconcile();
  }

  #learn(entry: PluginEntry, result: MetadataResult): void {
    const { runner } = entry;
    if (!result.ok && result.mayPass !== undefined) {
      const waitMs = (this.#options.lateRetryMs ?? LATE_RETRY_MS) * 2 ** Math.min(entry.lateReads, MAX_DOUBLINGS);
      entry.readAgainAt = result.mayPass === "soon" ? 0 : performance.now() + waitMs;
      entry.lateReads += 1;
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
    if (this.#over.signal.aborted) return;
    const undecided = this.#reader.firstAwaited;
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
    this.#index = new PluginIndex(this.#entries.values(), this.#options.isEnabled);
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
}
