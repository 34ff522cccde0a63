import { useDurationText } from "#shared/plugins/use-duration-text.ts";
import { useNow } from "#shared/plugins/use-now.ts";

/** How long it has run; it ticks. */
export function Uptime({ startedAt }: { startedAt: number | null }) {
  const now = useNow();
  const durationText = useDurationText();
  return (
    <span className="whitespace-nowrap tabular-nums">{startedAt === null ? "–" : durationText(now - startedAt)}</span>
  );
}
