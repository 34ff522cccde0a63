import type { PluginEvent } from "@toru/http-api";
import { useId, useMemo } from "react";
import { usePlugins } from "#shared/plugins/plugin-queries.ts";
import { isInstalled } from "#shared/plugins/plugin.ts";
import { Card } from "#shared/ui/page.tsx";
import { DayHeading } from "./day-heading.tsx";
import { daysOf } from "./days-of.ts";
import { EventRow } from "./event-row.tsx";
import { useEventZone, useToday } from "./use-event-zone.ts";

interface EventDaysProps {
  events: readonly PluginEvent[];
  /** False where all events are of one plugin. */
  hasPlugin: boolean;
}

/** Events as one list for each day. */
export function EventDays({ events, hasPlugin }: EventDaysProps) {
  const zone = useEventZone();
  const today = useToday(zone);
  const days = useMemo(() => daysOf(events, zone), [events, zone]);
  const plugins = new Map(usePlugins().flatMap((plugin) => (isInstalled(plugin) ? [[plugin.id, plugin]] : [])));
  const id = useId();
  return days.map((day) => (
    <Card key={day.date} className="overflow-hidden">
      <DayHeading id={`${id}-${day.date}`} date={day.date} today={today} />
      <ol aria-labelledby={`${id}-${day.date}`} className="divide-y divide-line">
        {day.events.map((event) => {
          const plugin = hasPlugin ? plugins.get(event.plugin_id) : undefined;
          return (
            <EventRow
              key={event.id}
              event={event}
              zone={zone}
              hasPlugin={hasPlugin}
              name={plugin?.name ?? null}
              icon={plugin?.icon ?? null}
            />
          );
        })}
      </ol>
    </Card>
  ));
}
