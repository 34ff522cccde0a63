import type { Plugin, Resources } from "@toru/http-api";
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { request } from "#shared/api/request.ts";
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

/** The list, in pages that the shell has loaded it for. */
export function usePlugins(): PanelPlugin[] {
  return useSuspenseQuery(pluginsQuery).data;
}

/** Null where no installed plugin has this id. */
export function usePlugin(id: string): InstalledPlugin | null {
  return usePlugins().find((plugin): plugin is InstalledPlugin => isInstalled(plugin) && plugin.id === id) ?? null;
}

export function useResources(): Resources | null {
  return useQuery(resourcesQuery).data ?? null;
}
