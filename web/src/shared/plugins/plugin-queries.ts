import type { Plugin, Resources } from "@toru/http-api";
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useMemo, useSyncExternalStore } from "react";
import { request } from "#shared/api/request.ts";
import { pluginWishes, withWishes } from "./plugin-wishes.ts";
import { type InstalledPlugin, isInstalled, type PanelPlugin, toPanelPlugins } from "./plugin.ts";

/** Kept up to date by the live connection, so it is never stale by itself. */
export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  queryFn: async ({ signal }): Promise<PanelPlugin[]> =>
    toPanelPlugins(await request<Plugin[]>("/api/plugins", { signal }), Date.now()),
  staleTime: Infinity,
});

/** Ten minutes of samples; the live connection adds each new one. */
export const resourcesQuery = queryOptions({
  queryKey: ["resources"],
  queryFn: ({ signal }) => request<Resources>("/api/resources", { signal }),
  staleTime: Infinity,
});

/**
 * The list, in pages that the shell has loaded it for. A switch that was just turned is already as it is wanted, whatever
 * arrives until the host has answered.
 */
export function usePlugins(): PanelPlugin[] {
  const plugins = useSuspenseQuery(pluginsQuery).data;
  const wishes = useSyncExternalStore(pluginWishes.subscribe, pluginWishes.current);
  return useMemo(() => withWishes(plugins, wishes), [plugins, wishes]);
}

/** Null where no installed plugin has this id. */
export function usePlugin(id: string): InstalledPlugin | null {
  return usePlugins().find((plugin): plugin is InstalledPlugin => isInstalled(plugin) && plugin.id === id) ?? null;
}

export function useResources(): Resources | null {
  return useQuery(resourcesQuery).data ?? null;
}
