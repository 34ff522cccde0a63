import type { InstalledPlugin, ManageErrorCode, ManageResult, PluginSnapshot } from "@toru/core";
import type { PluginCatalog } from "./catalog/plugin-catalog.ts";
import { invalidity, manifestOf, type PluginEntry } from "./catalog/plugin-entry.ts";
import type { EnabledPlugins } from "./folder/enabled-plugins.ts";
import type { DevelopmentLeases } from "./life/development-leases.ts";

export interface OrderOptions {
  catalog: PluginCatalog;
  enabled: EnabledPlugins;
  development: DevelopmentLeases;
  snapshot: (entry: PluginEntry) => PluginSnapshot | null;
  isClosing: () => boolean;
}

/**
 * What people order of a plugin. One order at a time, in the order in which they came: what one decides on must still hold when it
 * acts.
 */
export class PluginOrders {
  readonly #options: OrderOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: OrderOptions) {
    this.#options = options;
  }

  enable(id: string): Promise<ManageResult> {
    return this.#order(id, async (entry) => {
      const manifest = entry.runner?.manifest ?? manifestOf(entry);
      const holder = manifest === null ? null : this.#options.catalog.routeHolder(manifest.route, id);
      if (holder !== null) {
        const message = `route "${manifest?.route}" is used by ${holder.file.file}; disable that plugin first, or change one of the two routes`;
        return refuse("route_taken", message);
      }
      return (await this.#save(id, true)) ?? this.#send(entry, { type: "enable" });
    });
  }

  disable(id: string): Promise<ManageResult> {
    return this.#order(id, async (entry) => (await this.#save(id, false)) ?? this.#send(entry, { type: "disable" }));
  }

  restart(id: string): Promise<ManageResult> {
    return this.#order(id, (entry) => {
      const problem = entry.runner?.problem ?? null;
      if (problem !== null) return refuse("invalid", `${problem}. Mend the file first`);
      // The crash limit's word counts before it is saved, and where it cannot be.
      const isFailed = entry.runner?.state.status === "failed";
      if (this.#options.enabled.isEnabled(id) && !isFailed) return this.#send(entry, { type: "restart" });
      return refuse("not_enabled", `the plugin ${id} is disabled; enable it to start it`);
    });
  }

  develop(id: string, leaseMs: number): Promise<ManageResult> {
    return this.#order(id, (entry) => {
      this.#options.development.renew(id, leaseMs);
      void this.#options.catalog.rescan(); // what was built just now shows at once
      return this.#outcome(entry);
    });
  }

  #order(id: string, act: (entry: PluginEntry) => ManageResult | Promise<ManageResult>): Promise<ManageResult> {
    const done = this.#last.then(() => {
      if (this.#options.isClosing()) return refuse("stopping_host", "the host is stopping");
      const entry = this.#options.catalog.byId(id);
      if (entry === null) return refuse("not_found", `there is no plugin ${id}`);
      const invalid = invalidity(entry);
      if (entry.runner === null && manifestOf(entry) === null) {
        return refuse("invalid", `${entry.file.file} is no valid plugin: ${invalid?.reason ?? "it is being read"}`);
      }
      return act(entry);
    });
    this.#last = done.catch(() => undefined); // whoever asked hears of it
    return done;
  }

  #send(entry: PluginEntry, input: { type: "enable" | "disable" | "restart" }): ManageResult {
    entry.runner?.dispatch(input);
    this.#options.catalog.reconcile();
    return this.#outcome(entry);
  }

  #outcome(entry: PluginEntry): ManageResult {
    const plugin = this.#options.snapshot(entry);
    if (plugin?.kind === "installed") return { ok: true, plugin: plugin satisfies InstalledPlugin };
    return refuse("invalid", plugin?.reason ?? "the file is gone");
  }

  /** Null where it is saved. */
  async #save(id: string, enabled: boolean): Promise<ManageResult | null> {
    try {
      await this.#options.enabled.set(id, enabled);
      return null;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return refuse("not_saved", `the choice could not be saved, so nothing was changed: ${why}`);
    }
  }
}

function refuse(code: ManageErrorCode, message: string): ManageResult {
  return { ok: false, code, message };
}
