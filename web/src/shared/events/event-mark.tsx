import type { PluginEventType } from "@toru/http-api";
import {
  CircleAlert,
  CirclePlay,
  CircleStop,
  HeartCrack,
  type LucideIcon,
  Power,
  PowerOff,
  RotateCw,
} from "lucide-react";
import { useTranslations } from "use-intl";
import type { Tone } from "#shared/plugins/plugin-condition.ts";
import { classNames } from "#shared/ui/class-names.ts";
import { TONE_OF_EVENT } from "./event-types.ts";

const ICONS: Record<PluginEventType, LucideIcon> = {
  started: CirclePlay,
  restarted: RotateCw,
  stopped: CircleStop,
  crashed: CircleAlert,
  unhealthy: HeartCrack,
  enabled: Power,
  disabled: PowerOff,
};
const COLORS: Record<Tone, string> = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  quiet: "text-text-muted",
};

/** Icon and word in the colour of the type. */
export function EventMark({ type, className }: { type: PluginEventType; className?: string }) {
  const t = useTranslations("events.type");
  return (
    <span
      className={classNames(
        "inline-flex items-center gap-1.5 font-medium whitespace-nowrap",
        COLORS[TONE_OF_EVENT[type]],
        className,
      )}
    >
      <EventIcon type={type} />
      {t(type)}
    </span>
  );
}

/** Only the sign: put the type's name beside it. */
export function EventIcon({ type }: { type: PluginEventType }) {
  const Icon = ICONS[type];
  return <Icon size={15} aria-hidden className="shrink-0" />;
}
