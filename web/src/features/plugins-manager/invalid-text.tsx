import { FileWarning } from "lucide-react";
import { useTranslations } from "use-intl";
import { asSentence } from "#shared/i18n/host-text.ts";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import type { InvalidPlugin } from "#shared/plugins/plugin.ts";
import { ConditionBadge } from "#shared/ui/condition-badge.tsx";

export function InvalidTitle({ plugin }: { plugin: InvalidPlugin }) {
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      <FileWarning size={22} aria-hidden className="shrink-0 text-bad" />
      <span className="min-w-0 font-medium wrap-anywhere">{plugin.file}</span>
    </div>
  );
}

/** Why the file is no plugin, and what to do next. */
export function InvalidReason({ plugin }: { plugin: InvalidPlugin }) {
  const t = useTranslations("plugins");
  const hostText = useHostText();
  return (
    <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
      <ConditionBadge condition="invalid" />
      <div className="min-w-0 flex-1 basis-56 text-[13px]">
        <p className="wrap-anywhere">{asSentence(hostText(plugin.reason))}</p>
        <p className="text-text-muted">{t("invalidNext")}</p>
      </div>
    </div>
  );
}
