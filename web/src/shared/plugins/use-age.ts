import { useSyncExternalStore } from "react";
import { currentSecond, subscribeToSeconds } from "./use-now.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * How long ago a moment was (milliseconds since 1970), in whole seconds, minutes, hours or days, whichever is the greatest
 * of them. Renders anew only when that changes, so that many can be on a page.
 */
export function useAge(at: number): number {
  return useSyncExternalStore(subscribeToSeconds, () => wholeAge(Math.max(0, currentSecond() - at)));
}

/** Rounded down to its greatest unit; all in milliseconds. */
export function wholeAge(age: number): number {
  const unit = age < MINUTE_MS ? 1_000 : age < HOUR_MS ? MINUTE_MS : age < DAY_MS ? HOUR_MS : DAY_MS;
  return Math.floor(age / unit) * unit;
}
