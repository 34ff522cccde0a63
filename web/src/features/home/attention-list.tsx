import { Link, type LinkProps } from "@tanstack/react-router";
import { ChevronRight, FileWarning } from "lucide-react";
import { useId } from "react";
import { useTranslations } from "use-intl";
import { conditionOf, isDown } from "#shared/plugins/plugin-condition.ts";
import { isInstalled, type PanelPlugin } from "#shared/plugins/plugin.ts";
import { ConditionBadge } from "#shared/ui/condition-badge.tsx";
import { Card } from "#shared/ui/page.tsx";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";
import { useReasonText } from "./use-reason-text.ts";

/** The plugins that need a person: what is wrong with each, and the way to what can be done. */
export function AttentionList({ plugins }: { plugins: PanelPlugin[] }) {
  const t = useTranslations("home");
  const id = useId();
  return (
    <Card className="overflow-hidden border-bad/40">
      <section aria-labelledby={id}>
        <h2 id={id} className="border-b border-line px-4 py-2.5 text-sm font-semibold">
          {t("attentionTitle")}
        </h2>
        <ul aria-labelledby={id} className="divide-y divide-line">
          {plugins.map((plugin) => (
            <AttentionRow key={plugin.file} plugin={plugin} />
          ))}
        </ul>
      </section>
    </Card>
  );
}

function AttentionRow({ plugin }: { plugin: PanelPlugin }) {
  const t = useTranslations("home.next");
  const reasonOf = useReasonText();
  const condition = conditionOf(plugin);
  const name = isInstalled(plugin) ? plugin.name : plugin.file;
  return (
    <li>
      <Link {...targetOf(plugin)} className="flex items-start gap-3 px-4 py-3 -outline-offset-2 hover:bg-muted">
        <span className="grid size-6 shrink-0 place-items-center">
          {isInstalled(plugin) ? (
            <PluginIcon icon={plugin.icon} name={plugin.name} size={22} />
          ) : (
            <FileWarning size={20} aria-hidden className="text-text-muted" />
          )}
        </span>
        <span className="flex min-w-0 flex-1 flex-col gap-0.5">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-medium wrap-anywhere">{name}</span>
            <ConditionBadge condition={condition} />
          </span>
          <span className="text-text-muted wrap-anywhere">{reasonOf(plugin)}</span>
          <span className="text-[13px] text-brand">{t(isAttentionCondition(condition) ? condition : "look")}</span>
        </span>
        <ChevronRight size={18} aria-hidden className="mt-0.5 shrink-0 text-text-muted" />
      </Link>
    </li>
  );
}

function isAttentionCondition(condition: string): condition is "crashed" | "failed" | "unhealthy" | "invalid" {
  return ["crashed", "failed", "unhealthy", "invalid"].includes(condition);
}

/** Its crash card where it is down, its details, or where an invalid file is listed. */
function targetOf(plugin: PanelPlugin): LinkProps {
  if (isInstalled(plugin) && isDown(conditionOf(plugin))) {
    return { to: "/view/$id/{-$page}", params: { id: plugin.id } };
  }
  return { to: "/plugins-manager", search: isInstalled(plugin) ? { plugin: plugin.id } : { show: "problems" } };
}
