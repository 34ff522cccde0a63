import { expect, test } from "bun:test";
import type { EventPage, PluginEvent } from "@toru/http-api";
import { MAX_EVENTS, withNewest, withOlder } from "./loaded-events.ts";

function event(id: number): PluginEvent {
  return { id, plugin_id: "acme", event_type: "started", timestamp: "2026-01-31T22:30:00.000Z", details: {} };
}

/** Ids from `first` down to `last`. */
function page(first: number, last: number, cursor: string | null = String(last)): EventPage {
  return { events: Array.from({ length: first - last + 1 }, (_, index) => event(first - index)), cursor };
}

const ids = ({ events }: { events: readonly PluginEvent[] }) => events.map(({ id }) => id);

test("the first page is taken as it is", () => {
  expect(withNewest(null, page(3, 1, null))).toEqual({ ...page(3, 1, null), isFull: false });
});

test("new events come before what is loaded, however many pages that is", () => {
  const loaded = withOlder(withNewest(null, page(20, 11)), "11", page(10, 1, null));
  const grown = withNewest(loaded, page(22, 13));
  expect(ids(grown)).toEqual(ids(page(22, 1)));
  expect(grown.cursor).toBeNull();
  expect(grown.events.at(-1)).toBe(loaded.events.at(-1));
});

test("ids of other plugins between them are no gap", () => {
  const loaded = withNewest(null, { events: [event(9), event(4)], cursor: "4" });
  expect(ids(withNewest(loaded, { events: [event(30), event(9)], cursor: "9" }))).toEqual([30, 9, 4]);
});

test("nothing new leaves the very same", () => {
  const loaded = withNewest(null, page(20, 11));
  expect(withNewest(loaded, page(20, 11))).toBe(loaded);
});

test("a newest page that does not meet what is loaded starts anew", () => {
  const loaded = withNewest(null, page(20, 11));
  expect(withNewest(loaded, page(40, 31))).toEqual({ ...page(40, 31), isFull: false });
  expect(withNewest(loaded, page(3, 1, null))).toEqual({ ...page(3, 1, null), isFull: false });
  expect(ids(withNewest(withNewest(null, { events: [], cursor: null }), page(1, 1, null)))).toEqual([1]);
});

test("older events go behind, and only where they follow", () => {
  const loaded = withNewest(null, page(20, 11));
  expect(ids(withOlder(loaded, "11", page(10, 6)))).toEqual(ids(page(20, 6)));
  const anew = withNewest(loaded, page(40, 31));
  expect(withOlder(anew, "11", page(10, 6))).toBe(anew);
});

test("only the newest are kept, and it says so", () => {
  const almost = withNewest(null, page(MAX_EVENTS + 1, 3));
  expect(almost.isFull).toBe(false);
  const full = withOlder(almost, "3", page(2, 1, null));
  expect(full).toMatchObject({ cursor: null, isFull: true });
  expect(full.events).toHaveLength(MAX_EVENTS);
  const grown = withNewest(full, page(MAX_EVENTS + 3, MAX_EVENTS));
  expect(grown).toMatchObject({ cursor: null, isFull: true });
  expect(ids(grown)).toEqual(ids(page(MAX_EVENTS + 3, 4)));
});

test("exactly as many as are kept is full only where there are older ones", () => {
  const loaded = withNewest(null, page(MAX_EVENTS, 2));
  expect(withOlder(loaded, "2", page(1, 1, null)).isFull).toBe(false);
  expect(withOlder(loaded, "2", page(1, 1)).isFull).toBe(true);
});
