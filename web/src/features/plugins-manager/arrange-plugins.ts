import { conditionOf, type PluginCondition, TONE_OF } from "#shared/plugins/plugin-condition.ts";
import type { PanelPlugin } from "#shared/plugins/plugin.ts";
import { GROUPS, type Group, type ManagerSearch, type Order, type SortKey } from "./manager-search.ts";

/** What a plugin takes at this moment; null: not known, or it does not run. */
export interface Usage {
  cpu: number | null;
  memory: number | null;
}

/** What needs a person comes first. */
const CONDITIONS: PluginCondition[] = [
  "failed",
  "crashed",
  "invalid",
  "unhealthy",
  "starting",
  "stopping",
  "running",
  "disabled",
];

/** The order that the first click on a column gives: of figures, the greatest first. */
export function firstOrder(key: SortKey): Order {
  return key === "name" || key === "state" ? "asc" : "desc";
}

export function groupOf(condition: PluginCondition): Group {
  switch (TONE_OF[condition]) {
    case "good":
    case "warn":
      return "running";
    case "bad":
      return "problems";
    case "quiet":
      return "disabled";
  }
}

export function countGroups(plugins: PanelPlugin[]): Record<Group, number> {
  const groups = plugins.map((plugin) => groupOf(conditionOf(plugin)));
  const [running, problems, disabled] = GROUPS.map((group) => groups.filter((other) => other === group).length);
  return { running: running ?? 0, problems: problems ?? 0, disabled: disabled ?? 0 };
}

export function nameOf(plugin: PanelPlugin): string {
  return plugin.kind === "invalid" ? plugin.file : plugin.name;
}

/** Those that are searched for, in the order that is wanted; equal ones by name, unknown figures last. */
export function arrangePlugins(
  plugins: PanelPlugin[],
  { q = "", show, sort = "name", order = firstOrder(sort) }: ManagerSearch,
  usageOf: (plugin: PanelPlugin) => Usage,
): PanelPlugin[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = plugins.filter(
    (plugin) =>
      (show === undefined || groupOf(conditionOf(plugin)) === show) &&
      words.every((word) => textOf(plugin).includes(word)),
  );
  const sign = order === "asc" ? 1 : -1;
  if (sort === "name") return found.toSorted((a, b) => sign * byName(a, b));
  const figures = new Map(found.map((plugin) => [plugin, figureOf(plugin, sort, usageOf)]));
  return found.toSorted((a, b) => {
    const [one = null, other = null] = [figures.get(a), figures.get(b)];
    if (one === other) return byName(a, b);
    if (one === null) return 1;
    if (other === null) return -1;
    return sign * (one - other);
  });
}

function figureOf(
  plugin: PanelPlugin,
  key: Exclude<SortKey, "name">,
  usageOf: (plugin: PanelPlugin) => Usage,
): number | null {
  if (key === "state") return CONDITIONS.indexOf(conditionOf(plugin));
  if (plugin.kind === "invalid") return null;
  switch (key) {
    case "uptime":
      return plugin.startedAt === null ? null : -plugin.startedAt;
    case "restarts":
      return plugin.restarts;
    case "cpu":
    case "memory":
      return usageOf(plugin)[key];
  }
}

function textOf(plugin: PanelPlugin): string {
  const texts =
    plugin.kind === "invalid"
      ? [plugin.file, plugin.id, plugin.reason]
      : [plugin.name, plugin.id, plugin.file, plugin.route, plugin.author, plugin.description];
  return texts.join("\n").toLowerCase();
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function byName(a: PanelPlugin, b: PanelPlugin): number {
  return collator.compare(nameOf(a), nameOf(b)) || collator.compare(a.file, b.file);
}
