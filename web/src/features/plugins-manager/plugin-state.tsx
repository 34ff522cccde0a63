import { useTranslations } from "use-intl";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { ConditionBadge } from "#shared/ui/condition-badge.tsx";

/** Its condition, and its health in words. */
export function PluginState({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins.health");
  return (
    <div className="flex min-w-0 flex-col items-start gap-0.5">
      <ConditionBadge condition={conditionOf(plugin)} />
      <span className="line-clamp-2 text-xs text-text-muted wrap-anywhere" title={plugin.health_reason ?? undefined}>
        {plugin.health_reason ?? t(plugin.health)}
      </span>
    </div>
  );
}
