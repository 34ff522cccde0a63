import type { Resources, ResourceSample } from "@toru/http-api";
import type { QueryClient } from "@tanstack/react-query";
import { pluginsQuery, resourcesQuery } from "#shared/plugins/plugin-queries.ts";
import { toPanelPlugin, withPlugin } from "#shared/plugins/plugin.ts";
import type { LiveMessage } from "./live-message.ts";
import { tellChange } from "./plugin-changes.ts";

/** Points of each line that are kept: ten minutes. */
const MAX_SAMPLES = 120;

/** Brings what is loaded up to date. */
export function applyLive(client: QueryClient, message: LiveMessage): void {
  switch (message.type) {
    case "plugin": {
      tellChange(message.change);
      const { file, plugin } = message.change;
      const panelPlugin = plugin === null ? null : toPanelPlugin(plugin, Date.now());
      client.setQueryData(pluginsQuery.queryKey, (plugins) => plugins && withPlugin(plugins, file, panelPlugin));
      // An answer under way was made before this change, or not: only a new one is sure.
      if (client.isFetching(pluginsQuery) > 0) void client.invalidateQueries(pluginsQuery);
      if (message.change.event !== null) void client.invalidateQueries({ queryKey: ["events"] });
      return;
    }
    case "resources":
      client.setQueryData(resourcesQuery.queryKey, (resources) => resources && withSample(resources, message.sample));
      return;
    case "reset":
      void client.invalidateQueries();
      return;
    case "session":
      void client.invalidateQueries({ queryKey: ["me"] });
      return;
    case "status":
  }
}

function withSample(resources: Resources, sample: ResourceSample): Resources {
  // The answer that was loaded may hold it already.
  if (resources.at.includes(sample.at)) return resources;
  const add = <T>(values: T[], value: T): T[] => [...values.slice(1 - MAX_SAMPLES), value];
  const plugins: Resources["plugins"] = {};
  const count = resources.at.length;
  for (const [id, { cpu, memory_bytes }] of Object.entries(sample.plugins)) {
    const before = resources.plugins[id] ?? { cpu: nulls(count), memory_bytes: nulls(count) };
    plugins[id] = { cpu: add(before.cpu, cpu), memory_bytes: add(before.memory_bytes, memory_bytes) };
  }
  const { host, process } = resources;
  return {
    ...resources,
    at: add(resources.at, sample.at),
    host: {
      cpu: add(host.cpu, sample.host.cpu),
      memory_bytes: add(host.memory_bytes, sample.host.memory_bytes),
      disk_used_bytes: add(host.disk_used_bytes, sample.host.disk_used_bytes),
    },
    process: {
      cpu: add(process.cpu, sample.process.cpu),
      memory_bytes: add(process.memory_bytes, sample.process.memory_bytes),
    },
    plugins,
  };
}

function nulls(count: number): null[] {
  return Array.from({ length: count }, () => null);
}
