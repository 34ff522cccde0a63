import type { EventPage, PluginEvent } from "@toru/http-api";

/** Events that a timeline keeps: the newest. */
export const MAX_EVENTS = 5_000;

export interface LoadedEvents {
  /** Newest first, without a gap. */
  events: readonly PluginEvent[];
  /** For the page of older ones; null where there are none, or none are kept. */
  cursor: string | null;
  /** Older ones exist, or may, but are not kept. */
  isFull: boolean;
}

/** What was loaded with the newest page before it; only that page where events between the two are missing. */
export function withNewest(loaded: LoadedEvents | null, page: EventPage): LoadedEvents {
  const newest = loaded?.events[0];
  const meeting = newest === undefined ? -1 : page.events.findIndex(({ id }) => id === newest.id);
  if (loaded === null || meeting === -1) return { ...page, isFull: false };
  // The same where nothing is new, so that nothing is drawn again.
  return meeting === 0 ? loaded : bounded({ ...loaded, events: [...page.events.slice(0, meeting), ...loaded.events] });
}

/** What was loaded with a page of older events behind it; as it was where the page does not follow it any more. */
export function withOlder(loaded: LoadedEvents, cursor: string, page: EventPage): LoadedEvents {
  if (loaded.cursor !== cursor) return loaded;
  return bounded({ events: [...loaded.events, ...page.events], cursor: page.cursor, isFull: false });
}

function bounded(loaded: LoadedEvents): LoadedEvents {
  const isOver = loaded.events.length > MAX_EVENTS;
  const isAtEnd = loaded.events.length === MAX_EVENTS && loaded.cursor !== null;
  if (!isOver && !isAtEnd) return loaded;
  return { events: loaded.events.slice(0, MAX_EVENTS), cursor: null, isFull: true };
}
