import type { PluginEvent } from "@toru/http-api";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslations } from "use-intl";
import { EventMark } from "#shared/events/event-mark.tsx";
import { ALL_EVENTS, requestEvents } from "#shared/events/event-request.ts";
import { EventTime } from "#shared/events/event-time.tsx";
import { useEventZone } from "#shared/events/use-event-zone.ts";
import { usePlugin } from "#shared/plugins/plugin-queries.ts";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { Card } from "#shared/ui/page.tsx";

const latestEventsQuery = queryOptions({
  queryKey: ["events", "latest"],
  queryFn: ({ signal }) => requestEvents(ALL_EVENTS, { limit: 10, signal }),
});

/** Only for admins. */
export function LatestEvents() {
  const t = useTranslations("home");
  const id = useId();
  return (
    <Card>
      <section aria-labelledby={id}>
        <div className="flex items-center justify-between gap-2 border-b border-line px-4 py-2.5">
          <h2 id={id} className="text-sm font-semibold">
            {t("eventsTitle")}
          </h2>
          <Link to="/events" className="rounded-md text-[13px] text-brand hover:underline">
            {t("allEvents")}
          </Link>
        </div>
        <EventList labelledBy={id} />
      </section>
    </Card>
  );
}

function EventList({ labelledBy }: { labelledBy: string }) {
  const t = useTranslations("events");
  const { data, error, refetch } = useQuery(latestEventsQuery);
  if (data === undefined) {
    return error === null ? <Loading rows={3} /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  }
  if (data.events.length === 0) return <p className="p-4 text-text-muted">{t("empty")}</p>;
  return (
    <ol aria-labelledby={labelledBy} className="px-4 py-2">
      {data.events.map((event) => (
        <EventLine key={event.id} event={event} />
      ))}
    </ol>
  );
}

function EventLine({ event }: { event: PluginEvent }) {
  const plugin = usePlugin(event.plugin_id);
  const zone = useEventZone();
  return (
    <li className="flex items-center gap-3 py-1 text-[13px]">
      <EventMark type={event.event_type} className="min-w-24" />
      <span className="min-w-0 flex-1 truncate">{plugin?.name ?? event.plugin_id}</span>
      <EventTime timestamp={event.timestamp} zone={zone} />
    </li>
  );
}
