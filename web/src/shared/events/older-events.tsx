import { useMutation, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "#shared/ui/button.tsx";
import { useErrorText } from "#shared/ui/error-notice.tsx";
import { type EventFilter, requestEvents } from "./event-request.ts";
import { eventsQuery, PAGE_SIZE } from "./events-query.ts";
import { type LoadedEvents, MAX_EVENTS, withOlder } from "./loaded-events.ts";

/** What lies behind the last event: more to load, more than the browser keeps, or nothing. */
export function OlderEvents({ filter, loaded }: { filter: EventFilter; loaded: LoadedEvents }) {
  const t = useTranslations("events");
  const textOf = useErrorText();
  const { load, isLoading, error } = useOlderEvents(filter);
  const { cursor, isFull } = loaded;
  if (cursor === null) {
    return (
      <p className="py-1 text-center text-[13px] text-text-muted">
        {isFull ? t("full", { count: MAX_EVENTS }) : t("beginning")}
      </p>
    );
  }
  return (
    <div className="flex flex-col items-center gap-2 py-1">
      {error !== null && (
        <p role="alert" className="flex items-center gap-1.5 text-[13px] text-bad">
          <TriangleAlert size={15} aria-hidden />
          {textOf(error)}
        </p>
      )}
      {/* Not disabled meanwhile: that would take the focus away. */}
      <Button aria-disabled={isLoading} onClick={() => !isLoading && load(cursor)}>
        {t(isLoading ? "loadingOlder" : "loadOlder")}
      </Button>
    </div>
  );
}

function useOlderEvents(filter: EventFilter) {
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (cursor: string) => requestEvents(filter, { limit: PAGE_SIZE, cursor }),
    onSuccess: (page, cursor) =>
      client.setQueryData(eventsQuery(filter).queryKey, (loaded) => loaded && withOlder(loaded, cursor, page)),
  });
  return { load: mutate, isLoading: isPending, error };
}
