import { useFormatter } from "use-intl";
import { useAge } from "#shared/plugins/use-age.ts";
import { useEventZone } from "./use-event-zone.ts";

/** How long ago, and when exactly in its hint. */
export function EventTime({ timestamp }: { timestamp: string }) {
  const format = useFormatter();
  const { options } = useEventZone();
  const at = Date.parse(timestamp);
  const age = useAge(at);
  return (
    <time
      dateTime={timestamp}
      title={format.dateTime(at, { ...FORM, ...options })}
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
