import { useTranslations } from "use-intl";
import { asSentence } from "#shared/i18n/host-text.ts";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import { endingOf, hostReasonOf } from "#shared/plugins/exit-words.ts";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import type { InstalledPlugin, PanelPlugin } from "#shared/plugins/plugin.ts";

/** Why a plugin needs a person, in one line. */
export function useReasonText(): (plugin: PanelPlugin) => string {
  const t = useTranslations("home.reason");
  const hostText = useHostText();
  const said = (reason: string) => asSentence(hostText(reason));
  const endingText = ({ crash }: InstalledPlugin): string => {
    if (crash === null) return t("unknown");
    const hostReason = hostReasonOf(crash);
    if (hostReason !== null) return said(hostReason);
    const ending = endingOf(crash);
    switch (ending.how) {
      case "signal":
        return t("signal", { signal: ending.signal });
      case "code":
        return t("exit", { code: String(ending.code) });
      case "unstarted":
        return said(crash.reason);
    }
  };
  return (plugin) => {
    if (plugin.kind === "invalid") return said(plugin.reason);
    if (conditionOf(plugin) === "unhealthy") {
      return plugin.health_reason === null ? t("unhealthy") : said(plugin.health_reason);
    }
    const reason = endingText(plugin);
    return plugin.crashes > 0 ? t("crashesInRow", { reason, count: plugin.crashes }) : reason;
  };
}
