import type { InstalledPlugin as InstalledBody, InvalidPlugin as InvalidBody, Plugin } from "@toru/http-api";

/** What the host tells, with durations turned into moments of this browser's clock (milliseconds since 1970). */
export interface InstalledPlugin extends InstalledBody {
  kind: "installed";
  startedAt: number | null;
  retryAt: number | null;
}
export interface InvalidPlugin extends InvalidBody {
  kind: "invalid";
}
export type PanelPlugin = InstalledPlugin | InvalidPlugin;

export function toPanelPlugin(body: Plugin, now: number): PanelPlugin {
  if (body.status === "invalid") return { ...body, kind: "invalid" };
  return {
    ...body,
    kind: "installed",
    startedAt: body.uptime_ms === null ? null : now - body.uptime_ms,
    retryAt: body.retry_in_ms === null ? null : now + body.retry_in_ms,
  };
}

export function toPanelPlugins(bodies: Plugin[], now: number): PanelPlugin[] {
  return bodies.map((body) => toPanelPlugin(body, now));
}

export function isInstalled(plugin: PanelPlugin): plugin is InstalledPlugin {
  return plugin.kind === "installed";
}

/** The list with one file's entry put in, replaced or (null) taken out; ordered by file as the host orders it. */
export function withPlugin(plugins: PanelPlugin[], file: string, plugin: PanelPlugin | null): PanelPlugin[] {
  const others = plugins.filter((other) => other.file !== file);
  if (plugin === null) return others;
  const after = others.findIndex((other) => other.file > file);
  return others.toSpliced(after === -1 ? others.length : after, 0, plugin);
}
