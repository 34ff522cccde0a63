import type { LogStore, NewPluginEvent, PluginChange, PluginSnapshot } from "@toru/core";
import { idOf, invalidity, type PluginEntry } from "./catalog/plugin-entry.ts";
import type { EnabledPlugins } from "./folder/enabled-plugins.ts";
import type { PluginRunner } from "./life/plugin-runner.ts";

/** What people are shown of each plugin, and of every change of it. */
export class ChangeFeed {
  readonly #enabled: EnabledPlugins;
  readonly #logs: LogStore;
  readonly #listeners = new Set<(change: PluginChange) => void>();

  constructor(enabled: EnabledPlugins, logs: LogStore) {
    this.#enabled = enabled;
    this.#logs = logs;
  }

  subscribe(listener: (change: PluginChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Null where nothing is known of it yet. */
  snapshot(entry: PluginEntry): PluginSnapshot | null {
    const { runner, file } = entry;
    if (runner !== null) return runner.snapshot(this.#enabled.isEnabled(runner.id), entry.bundleMark);
    const invalid = invalidity(entry);
    return invalid === null ? null : { kind: "invalid", file: file.file, id: invalid.id, reason: invalid.reason };
  }

  /** Its state is another. */
  changed(entry: PluginEntry, runner: PluginRunner, event: NewPluginEvent | null): void {
    this.#tell({ id: runner.id, file: runner.file.file, plugin: this.snapshot(entry), event });
  }

  /** Something else about it is another, or it is gone. */
  announce(entry: PluginEntry, gone: boolean): void {
    const snapshot = gone ? null : this.snapshot(entry);
    const id = idOf(entry);
    if (gone && id !== null) {
      const fields = { event: "removed", file: entry.file.file };
      void this.#logs.supervisor(id).write({ level: "info", message: "file removed", fields });
    }
    this.#tell({ id, file: entry.file.file, plugin: snapshot, event: null });
  }

  /** Nobody is told any more. */
  end(): void {
    this.#listeners.clear();
  }

  #tell(change: PluginChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
