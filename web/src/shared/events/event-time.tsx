import { useFormatter } from "use-intl";
import { useAge } from "#shared/plugins/use-age.ts";

/** How long ago, and when exactly, in the zone, in its hint. */
export function EventTime({ timestamp, zone }: { timestamp: string; zone: string }) {
  const format = useFormatter();
  const at = Date.parse(timestamp);
  const age = useAge(at);
  return (
    <time
      dateTime={timestamp}
      title={format.dateTime(at, { ...FORM, timeZone: zone })}
      className="shrink-0 text-[13px] whitespace-nowrap text-text-muted"
    >
      {format.relativeTime(at, at + age)}
    </time>
  );
}

const FORM = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
} as const;
