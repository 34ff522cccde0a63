import { routeKey } from "@toru/core";
import type { PluginRunner } from "../life/plugin-runner.ts";
import { idOf, type PluginEntry } from "./plugin-entry.ts";

/** Which entry has which id, and which enabled plugin which route. */
export class PluginIndex {
  readonly #byId = new Map<string, PluginEntry>();
  readonly #byRoute = new Map<string, PluginRunner>();

  constructor(entries: Iterable<PluginEntry>, isEnabled: (pluginId: string) => boolean) {
    for (const entry of entries) {
      const { runner } = entry;
      if (runner !== null) {
        this.#byId.set(runner.id, entry);
        if (isEnabled(runner.id)) this.#byRoute.set(routeKey(runner.manifest.route), runner);
      } else {
        const id = idOf(entry);
        if (id !== null && !this.#byId.has(id)) this.#byId.set(id, entry);
      }
    }
  }

  byId(id: string): PluginEntry | null {
    return this.#byId.get(id) ?? null;
  }

  byRoute(route: string): PluginRunner | null {
    return this.#byRoute.get(routeKey(route)) ?? null;
  }
}
