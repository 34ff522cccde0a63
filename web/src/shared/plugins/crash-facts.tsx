import type { Crash } from "@toru/http-api";
import { useFormatter, useTranslations } from "use-intl";
import { asSentence } from "#shared/i18n/host-text.ts";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import { endingOf, hintOf, hostReasonOf } from "./exit-words.ts";
import { useDurationText } from "./use-duration-text.ts";
import { useNow } from "./use-now.ts";

/** Why the host ended it, or how it ended and what that usually means; when, and how long it had run. */
export function CrashFacts({ crash }: { crash: Crash }) {
  const t = useTranslations("plugins.crash");
  const format = useFormatter();
  const durationText = useDurationText();
  const hostText = useHostText();
  const now = useNow();
  const at = new Date(crash.at);
  const hint = hintOf(crash);
  const hostReason = hostReasonOf(crash);
  return (
    <>
      <p className="wrap-anywhere">
        <strong className="font-semibold text-bad">
          {hostReason === null ? <EndingText crash={crash} /> : `${asSentence(hostText(hostReason))}.`}
        </strong>
        {hostReason !== null && endingOf(crash).how !== "unstarted" && (
          <>
            {" "}
            <EndingText crash={crash} />
          </>
        )}
        {hint !== null && <> {t(`hint.${hint}`)}</>}
      </p>
      <p className="text-[13px] text-text-muted">
        <time dateTime={crash.at}>
          {format.relativeTime(Math.min(at.getTime(), now), now)} (
          {format.dateTime(at, { dateStyle: "medium", timeStyle: "medium" })})
        </time>
        {" · "}
        {t("uptime", { duration: durationText(crash.uptime_ms) })}
      </p>
    </>
  );
}

export function EndingText({ crash }: { crash: Pick<Crash, "code" | "signal"> }) {
  const t = useTranslations("plugins.crash.ending");
  const ending = endingOf(crash);
  switch (ending.how) {
    case "signal":
      return t("signal", { signal: ending.signal });
    case "code":
      return t("code", { code: String(ending.code) });
    case "unstarted":
      return t("unstarted");
  }
}
