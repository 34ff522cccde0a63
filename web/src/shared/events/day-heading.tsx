import { useFormatter, useTranslations } from "use-intl";

const DAY_MS = 86_400_000;

/** A day by its name, with "today" or "yesterday" before it. Both dates as YYYY-MM-DD. */
export function DayHeading({ id, date, today }: { id: string; date: string; today: string }) {
  const t = useTranslations("events");
  const format = useFormatter();
  // A date alone is that day's midnight in UTC.
  const age = Date.parse(today) - Date.parse(date);
  const near = age === 0 ? t("today") : age === DAY_MS ? t("yesterday") : null;
  const name = format.dateTime(new Date(date), { dateStyle: "full", timeZone: "UTC" });
  return (
    <h2 id={id} className="border-b border-line px-4 py-2 text-[13px] font-semibold max-md:px-3">
      {near !== null && <>{near} </>}
      <span className={near === null ? "" : "font-normal text-text-muted"}>{name}</span>
    </h2>
  );
}
