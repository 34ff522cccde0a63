import type { PluginEvent } from "@toru/http-api";
import { useTranslations } from "use-intl";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import { EndingText } from "#shared/plugins/crash-facts.tsx";
import { useDurationText } from "#shared/plugins/use-duration-text.ts";
import { type EventFact, factsOf } from "./event-facts.ts";

/** The details of an event in words; nothing where it has none. */
export function EventFactList({ event }: { event: PluginEvent }) {
  const facts = factsOf(event);
  if (facts.length === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-3 text-[13px] text-text-muted">
      {facts.map((fact) => (
        <span key={fact.fact} className="wrap-anywhere">
          <FactText fact={fact} />
        </span>
      ))}
    </p>
  );
}

function FactText({ fact }: { fact: EventFact }) {
  const t = useTranslations("events.fact");
  const durationText = useDurationText();
  const hostText = useHostText();
  switch (fact.fact) {
    case "ending":
      return <EndingText crash={fact} />;
    case "reason":
      return t("reason", { reason: hostText(fact.reason) });
    case "uptime":
      return t("uptime", { duration: durationText(fact.ms) });
    case "inRow":
      return t("inRow", { count: fact.count });
    case "retry":
      return t("retry", { duration: durationText(fact.ms) });
    case "attempt":
      return t("attempt", { attempt: fact.attempt });
    case "limit":
      return t("limit", { count: fact.count });
    case "byHand":
      return t("byHand");
  }
}
