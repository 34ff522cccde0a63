import type { PluginEvent } from "@toru/http-api";

export interface EventDay {
  /** As YYYY-MM-DD. */
  date: string;
  /** Newest first. */
  events: PluginEvent[];
}

/** The calendar day of a moment (milliseconds since 1970) in a zone, as YYYY-MM-DD. */
export function dateIn(zone: string): (at: number) => string {
  // Only this form of Intl gives the parts in this order in all browsers.
  const form = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return (at) => form.format(at);
}

/** The events by the days of the zone; both keep their order. */
export function daysOf(events: readonly PluginEvent[], zone: string): EventDay[] {
  const dateOf = dateIn(zone);
  const days = new Map<string, EventDay>();
  for (const event of events) {
    const date = dateOf(Date.parse(event.timestamp));
    const day = days.get(date);
    if (day === undefined) days.set(date, { date, events: [event] });
    else day.events.push(event);
  }
  return [...days.values()];
}
