import type { EventPage, PluginEvent } from "@toru/http-api";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { request } from "#shared/api/request.ts";
import type { Tone } from "#shared/plugins/plugin-condition.ts";
import { usePlugin } from "#shared/plugins/plugin-queries.ts";
import { useNow } from "#shared/plugins/use-now.ts";
import { classNames } from "#shared/ui/class-names.ts";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { Card } from "#shared/ui/page.tsx";

const latestEventsQuery = queryOptions({
  queryKey: ["events", "latest"],
  queryFn: ({ signal }) => request<EventPage>("/api/plugin-events?limit=10", { signal }),
});

const TONE_OF: Record<PluginEvent["event_type"], Tone> = {
  started: "good",
  stopped: "quiet",
  crashed: "bad",
  restarted: "warn",
  enabled: "quiet",
  disabled: "quiet",
  unhealthy: "bad",
};
const COLORS: Record<Tone, string> = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  quiet: "text-text-muted",
};

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
  const t = useTranslations("home");
  const { data, error, refetch } = useQuery(latestEventsQuery);
  if (data === undefined) {
    return error === null ? <Loading rows={3} /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  }
  if (data.events.length === 0) return <p className="p-4 text-text-muted">{t("noEvents")}</p>;
  return (
    <ol aria-labelledby={labelledBy} className="px-4 py-2">
      {data.events.map((event) => (
        <EventRow key={event.id} event={event} />
      ))}
    </ol>
  );
}

function EventRow({ event }: { event: PluginEvent }) {
  const t = useTranslations("home.event");
  const format = useFormatter();
  const now = useNow();
  const plugin = usePlugin(event.plugin_id);
  const at = Math.min(Date.parse(event.timestamp), now);
  return (
    <li className="flex items-baseline gap-2 py-1 text-[13px]">
      <span className="min-w-0 truncate font-medium">{plugin?.name ?? event.plugin_id}</span>
      <span className={classNames("min-w-0 flex-1 truncate", COLORS[TONE_OF[event.event_type]])}>
        {t(event.event_type)}
      </span>
      <time
        dateTime={event.timestamp}
        title={format.dateTime(at, { dateStyle: "medium", timeStyle: "medium" })}
        className="shrink-0 text-text-muted"
      >
        {format.relativeTime(at, now)}
      </time>
    </li>
  );
}
