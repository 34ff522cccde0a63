import type { Resources } from "@toru/http-api";
import type { PanelPlugin } from "#shared/plugins/plugin.ts";
import type { Usage } from "./arrange-plugins.ts";

const SPAN_MS = 600_000;

/** How many samples ten minutes hold. */
export function slotsOf(resources: Resources): number {
  return Math.max(2, Math.round(SPAN_MS / resources.interval_ms));
}

export function usageIn(resources: Resources | null): (plugin: PanelPlugin) => Usage {
  return (plugin) => {
    const lines = plugin.kind === "installed" ? resources?.plugins[plugin.id] : undefined;
    return { cpu: lines?.cpu.at(-1) ?? null, memory: lines?.memory_bytes.at(-1) ?? null };
  };
}
