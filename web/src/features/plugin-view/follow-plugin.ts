import type { PluginEvent, PluginStateEvent } from "@toru/page";
import type { QueryClient } from "@tanstack/react-query";
import { followChanges } from "#shared/live/plugin-changes.ts";
import { pluginsQuery } from "#shared/plugins/plugin-queries.ts";
import { type InstalledPlugin, isInstalled } from "#shared/plugins/plugin.ts";

/** Hears of what happens to the plugin, and then of its new state, until `signal` is aborted. */
export function followPlugin(
  client: QueryClient,
  id: string,
  listener: (event: PluginEvent) => void,
  signal: AbortSignal,
): void {
  followChanges(({ id: whose, event }) => {
    if (whose === id && event !== null) listener({ type: "lifecycle", event: event.event_type, at: event.timestamp });
  }, signal);
  const look = () => {
    const plugins = client.getQueryData(pluginsQuery.queryKey) ?? [];
    return plugins.filter(isInstalled).find((plugin) => plugin.id === id);
  };
  const first = look();
  let last = first === undefined ? "" : JSON.stringify(eventOf(first));
  const unsubscribe = client.getQueryCache().subscribe(({ type, query }) => {
    if (type !== "updated" || query.queryKey[0] !== pluginsQuery.queryKey[0]) return;
    const plugin = look();
    if (plugin === undefined) return;
    const event = eventOf(plugin);
    const text = JSON.stringify(event);
    if (text === last) return;
    last = text;
    listener(event);
  });
  signal.addEventListener("abort", unsubscribe, { once: true });
}

function eventOf({ status, health, health_reason, version, revision }: InstalledPlugin): PluginStateEvent {
  return { type: "state", status, health, healthReason: health_reason, version, revision };
}
