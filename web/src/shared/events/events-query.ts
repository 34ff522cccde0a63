import { queryOptions } from "@tanstack/react-query";
import { type EventFilter, requestEvents } from "./event-request.ts";
import { type LoadedEvents, withNewest } from "./loaded-events.ts";

/** Events that come with one answer. */
export const PAGE_SIZE = 100;

/**
 * All that is loaded of a timeline. A change fetches only the newest page; the live connection asks for that by
 * invalidating `["events"]`.
 */
export function eventsQuery(filter: EventFilter) {
  const queryKey = ["events", "list", filter] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ client, signal }): Promise<LoadedEvents> => {
      let page = await requestEvents(filter, { limit: PAGE_SIZE, signal });
      // Until something is loaded an invalidation starts no request of its own, and this answer may be older than it.
      const state = client.getQueryState(queryKey);
      const isOutdated = state?.data === undefined && state?.isInvalidated === true;
      if (isOutdated) page = await requestEvents(filter, { limit: PAGE_SIZE, signal });
      return withNewest(client.getQueryData<LoadedEvents>(queryKey) ?? null, page);
    },
    // Events never change, and the merge keeps those that were there.
    structuralSharing: false,
  });
}
