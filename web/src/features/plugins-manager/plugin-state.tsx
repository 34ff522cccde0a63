import { useTranslations } from "use-intl";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { ConditionBadge } from "#shared/ui/condition-badge.tsx";

/** Its condition, and its health in words. */
export function PluginState({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins.health");
  const { status, health, health_reason: reason } = plugin;
  const text = reason === null || status === "disabled" ? t(health) : sentence(reason);
  return (
    <div className="flex min-w-0 flex-col items-start gap-0.5">
      <ConditionBadge condition={conditionOf(plugin)} />
      <span className="line-clamp-2 text-xs text-text-muted wrap-anywhere" title={text}>
        {text}
      </span>
    </div>
  );
}

/** The host's reasons are parts of sentences. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
