import { useTranslations } from "use-intl";
import { asSentence } from "#shared/i18n/host-text.ts";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { ConditionBadge } from "#shared/ui/condition-badge.tsx";

/** Its condition, and its health in words. */
export function PluginState({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins.health");
  const hostText = useHostText();
  const { status, health, health_reason: reason } = plugin;
  const text = reason === null || status === "disabled" ? t(health) : asSentence(hostText(reason));
  return (
    <div className="flex min-w-0 flex-col items-start gap-0.5">
      <ConditionBadge condition={conditionOf(plugin)} />
      <span className="line-clamp-2 text-xs text-text-muted wrap-anywhere" title={text}>
        {text}
      </span>
    </div>
  );
}
