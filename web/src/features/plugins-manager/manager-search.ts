export const GROUPS = ["running", "problems", "disabled"] as const;
export type Group = (typeof GROUPS)[number];

export const SORT_KEYS = ["name", "state", "uptime", "restarts", "cpu", "memory"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

const ORDERS = ["asc", "desc"] as const;
export type Order = (typeof ORDERS)[number];

export const TABS = ["details", "logs", "events"] as const;
export type PanelTab = (typeof TABS)[number];

/** What is left out has its default: no search, all groups, by name, upwards, no panel, its details. */
export interface ManagerSearch {
  q?: string;
  show?: Group;
  sort?: SortKey;
  order?: Order;
  /** The id of the plugin whose panel is open. */
  plugin?: string;
  tab?: PanelTab;
}

export function parseManagerSearch({ q, show, sort, order, plugin, tab }: Record<string, unknown>): ManagerSearch {
  return {
    ...(typeof q === "string" && q !== "" && { q }),
    ...pick("show", GROUPS, show),
    ...pick("sort", SORT_KEYS, sort),
    ...pick("order", ORDERS, order),
    ...(typeof plugin === "string" && plugin !== "" && { plugin }),
    ...pick("tab", TABS, tab),
  };
}

function pick<N extends string, T extends string>(name: N, known: readonly T[], given: unknown): { [K in N]?: T } {
  const found = known.find((value) => value === given);
  return found === undefined ? {} : ({ [name]: found } as { [K in N]: T });
}
