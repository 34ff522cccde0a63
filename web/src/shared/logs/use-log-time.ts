import { useFormatter } from "use-intl";
import { usePreference } from "#shared/preferences/use-preference.ts";

const FORM = {
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
} as const;

/** Formats an RFC 3339 time as the reader wants it: by this browser's zone or UTC. */
export function useLogTime(): (timestamp: string) => string {
  const format = useFormatter();
  const [time] = usePreference("time");
  const options = time === "utc" ? { ...FORM, timeZone: "UTC" } : FORM;
  return (timestamp) => format.dateTime(new Date(timestamp), options);
}
