import { useTranslations } from "use-intl";
import { type PluginCondition, TONE_OF, type Tone } from "#shared/plugins/plugin-condition.ts";
import { classNames } from "./class-names.ts";

const COLORS: Record<Tone, string> = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  quiet: "text-text-muted",
};
const SOFT: Record<Tone, string> = {
  good: "bg-good-soft",
  warn: "bg-warn-soft",
  bad: "bg-bad-soft",
  quiet: "bg-muted",
};

/** Disc, half disc, cross, ring: each tone has a shape of its own, so that colour is never all there is. */
function Shape({ tone }: { tone: Tone }) {
  switch (tone) {
    case "good":
      return <circle cx="6" cy="6" r="5" fill="currentColor" />;
    case "warn":
      return (
        <>
          <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" fill="currentColor" />
        </>
      );
    case "bad":
      return (
        <>
          <circle cx="6" cy="6" r="6" fill="currentColor" />
          <path d="M4 4l4 4M8 4l-4 4" stroke="var(--toru-surface)" strokeWidth="1.5" strokeLinecap="round" />
        </>
      );
    case "quiet":
      return <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />;
  }
}

/** Only the sign: put the state's name beside it, or in the name of what holds it. */
export function ConditionDot({ condition, className }: { condition: PluginCondition; className?: string }) {
  const tone = TONE_OF[condition];
  return (
    <svg
      viewBox="0 0 12 12"
      aria-hidden
      data-condition={condition}
      className={classNames("size-3 shrink-0", COLORS[tone], className)}
    >
      <Shape tone={tone} />
    </svg>
  );
}

export function ConditionBadge({ condition }: { condition: PluginCondition }) {
  const t = useTranslations("common.condition");
  const tone = TONE_OF[condition];
  return (
    <span
      className={classNames(
        "inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-[13px] font-medium whitespace-nowrap",
        COLORS[tone],
        SOFT[tone],
      )}
    >
      <ConditionDot condition={condition} />
      {t(condition)}
    </span>
  );
}
