import { useTimeZone } from "use-intl";
import { usePreference } from "#shared/preferences/use-preference.ts";

/** The zone in which a person reads times: this browser's, or UTC. `options` are for formatting in it. */
export function useEventZone(): { zone: string; options: { timeZone?: "UTC" } } {
  const [time] = usePreference("time");
  const local = useTimeZone() ?? "UTC";
  return time === "utc" ? { zone: "UTC", options: { timeZone: "UTC" } } : { zone: local, options: {} };
}
