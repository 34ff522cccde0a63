import type { PluginEvent } from "@toru/http-api";
import { ChevronDown } from "lucide-react";
import { memo, useId, useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "#shared/ui/button.tsx";
import { classNames } from "#shared/ui/class-names.ts";
import { EventFactList } from "./event-fact-list.tsx";
import { EventJson } from "./event-json.tsx";
import { EventMark } from "./event-mark.tsx";
import { EventPlugin, type EventPluginProps } from "./event-plugin.tsx";
import { EventTime } from "./event-time.tsx";

interface EventRowProps extends Omit<EventPluginProps, "id"> {
  event: PluginEvent;
  zone: string;
  /** False where all events are of one plugin. */
  hasPlugin: boolean;
}

/** Takes plain values, so that of thousands only those are drawn anew that changed. */
export const EventRow = memo(function EventRow({ event, zone, hasPlugin, name, icon }: EventRowProps) {
  const t = useTranslations("events");
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <li
      data-event={event.id}
      className="px-4 py-2 [contain-intrinsic-size:auto_3.5rem] [content-visibility:auto] max-md:px-3"
    >
      <div className="flex items-start gap-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3">
          <EventMark type={event.event_type} className="min-h-7 min-w-28 max-md:min-h-9" />
          {hasPlugin && <EventPlugin id={event.plugin_id} name={name} icon={icon} />}
        </div>
        <div className="flex items-center gap-1">
          <EventTime timestamp={event.timestamp} zone={zone} />
          <IconButton
            size="small"
            label={t("details")}
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            onClick={() => setOpen(!isOpen)}
            className="max-md:size-9"
          >
            <ChevronDown size={16} aria-hidden className={classNames("transition-transform", isOpen && "rotate-180")} />
          </IconButton>
        </div>
      </div>
      <EventFactList event={event} />
      {isOpen && <EventJson id={id} event={event} />}
    </li>
  );
});
