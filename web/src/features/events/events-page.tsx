import { getRouteApi } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { useTranslations } from "use-intl";
import { EventTimeline } from "#shared/events/event-timeline.tsx";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { Notice } from "#shared/ui/notice.tsx";
import { Page } from "#shared/ui/page.tsx";
import { EventFilters } from "./event-filters.tsx";
import { type EventsSearch, textOfTypes, typesOf } from "./events-search.ts";

const route = getRouteApi("/shell/events");

/** What happened to all plugins; the filter is in the address. */
export function EventsPage() {
  const t = useTranslations("events");
  const isAdmin = useIsAdmin();
  return (
    <Page title={t("title")}>
      {isAdmin ? (
        <FilteredEvents />
      ) : (
        <Notice icon={<Lock size={28} aria-hidden />} title={t("adminsOnly")}>
          <p>{t("adminsOnlyText")}</p>
        </Notice>
      )}
    </Page>
  );
}

function FilteredEvents() {
  const { plugin, type } = route.useSearch();
  const navigate = route.useNavigate();
  const types = typesOf(type);
  const change = (part: EventsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...part }), resetScroll: false });
  const clear = () => change({ plugin: undefined, type: undefined });
  const isFiltered = plugin !== undefined || types.length > 0;
  return (
    <>
      <EventFilters
        plugin={plugin}
        onPlugin={(chosen) => change({ plugin: chosen })}
        types={types}
        onTypes={(chosen) => change({ type: textOfTypes(chosen) })}
      />
      <EventTimeline plugin={plugin} types={types} onClearFilters={isFiltered ? clear : undefined} />
    </>
  );
}
