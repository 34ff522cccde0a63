import type { PluginEventType } from "@toru/http-api";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CalendarClock, SearchX } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "#shared/ui/button.tsx";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { Notice } from "#shared/ui/notice.tsx";
import { EventDays } from "./event-days.tsx";
import { ALL_EVENTS, type EventFilter } from "./event-request.ts";
import { eventsQuery } from "./events-query.ts";
import { OlderEvents } from "./older-events.tsx";
import { StaleEvents } from "./stale-events.tsx";

interface EventTimelineProps {
  /** Absent is all plugins. */
  plugin?: string | undefined;
  /** Absent or empty is all types. */
  types?: readonly PluginEventType[];
  /** Given where a filter is set that can be taken off. */
  onClearFilters?: (() => void) | undefined;
}

/** What happened, newest first. Only for admins. */
export function EventTimeline({ plugin, types = ALL_EVENTS.types, onClearFilters }: EventTimelineProps) {
  const filter: EventFilter = { plugin: plugin ?? null, types };
  const { data, error, refetch, isPlaceholderData } = useQuery({
    ...eventsQuery(filter),
    // Events of the filter before stay until the answer is there: the page does not jump.
    placeholderData: keepPreviousData,
  });
  if (data === undefined) {
    return error === null ? <Loading rows={5} /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  }
  if (data.events.length === 0) return <NoEvents onClearFilters={onClearFilters} />;
  return (
    <div className="flex flex-col gap-4" aria-busy={isPlaceholderData}>
      {error !== null && <StaleEvents error={error} onRetry={() => void refetch()} />}
      <EventDays events={data.events} hasPlugin={plugin === undefined} />
      {!isPlaceholderData && <OlderEvents key={JSON.stringify(filter)} filter={filter} loaded={data} />}
    </div>
  );
}

function NoEvents({ onClearFilters }: Pick<EventTimelineProps, "onClearFilters">) {
  const t = useTranslations("events");
  if (onClearFilters === undefined) {
    return (
      <Notice icon={<CalendarClock size={28} aria-hidden />} title={t("empty")}>
        <p>{t("emptyText")}</p>
      </Notice>
    );
  }
  return (
    <Notice
      icon={<SearchX size={28} aria-hidden />}
      title={t("noMatch")}
      actions={<Button onClick={onClearFilters}>{t("clearFilters")}</Button>}
    >
      <p>{t("noMatchText")}</p>
    </Notice>
  );
}
