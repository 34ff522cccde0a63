import { useMemo, useSyncExternalStore } from "react";
import { useTimeZone } from "use-intl";
import { currentSecond, subscribeToSeconds } from "#shared/plugins/use-now.ts";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { dateIn } from "./days-of.ts";

/** The zone in which a person reads times: this browser's, or UTC. */
export function useEventZone(): string {
  const [time] = usePreference("time");
  const local = useTimeZone() ?? "UTC";
  return time === "utc" ? "UTC" : local;
}

/** The date in this zone, as YYYY-MM-DD. */
export function useToday(zone: string): string {
  const dateOf = useMemo(() => dateIn(zone), [zone]);
  return useSyncExternalStore(subscribeToSeconds, () => dateOf(currentSecond()));
}
