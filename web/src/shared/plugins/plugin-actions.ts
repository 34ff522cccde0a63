import type { InstalledPlugin } from "./plugin.ts";

export interface PluginActions {
  /** Shown at once; taken back with the reason where the host refuses. A toast tells either way. */
  setEnabled(plugin: InstalledPlugin, enabled: boolean): void;
  restart(plugin: InstalledPlugin): void;
}
