import type { PluginEventType } from "@toru/http-api";
import { EVENT_TYPES } from "#shared/events/event-types.ts";

/** What is left out is not filtered by. */
export interface EventsSearch {
  /** The id of a plugin, which may be gone. */
  plugin?: string | undefined;
  /** Types of events, separated by commas. */
  type?: string | undefined;
}

/** Longest id that the host takes, in UTF-16 units. */
const MAX_ID = 64;

/** A value that is refused becomes undefined: one that is only left out would stay in the address. */
export function parseEventsSearch({ plugin, type }: Record<string, unknown>): EventsSearch {
  const isId = typeof plugin === "string" && plugin !== "" && plugin.length <= MAX_ID;
  return {
    plugin: isId ? plugin : undefined,
    type: typeof type === "string" ? textOfTypes(typesOf(type)) : undefined,
  };
}

/** The known types that a text names, each once, in the order of `EVENT_TYPES`. */
export function typesOf(text: string | undefined): PluginEventType[] {
  const names = new Set(text?.split(","));
  return EVENT_TYPES.filter((type) => names.has(type));
}

/** None is undefined, and so are all: both mean that it is not filtered. */
export function textOfTypes(types: PluginEventType[]): string | undefined {
  return types.length === 0 || types.length === EVENT_TYPES.length ? undefined : types.join(",");
}
