import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslations } from "use-intl";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { ConditionBadge } from "#shared/ui/condition-badge.tsx";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";

export function PluginTiles({ plugins }: { plugins: InstalledPlugin[] }) {
  const t = useTranslations("home");
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <h2 id={id} className="text-sm font-semibold">
        {t("pluginsTitle")}
      </h2>
      <ul aria-labelledby={id} className="grid grid-cols-[repeat(auto-fill,minmax(min(15rem,100%),1fr))] gap-3">
        {plugins.map((plugin) => (
          <Tile key={plugin.id} plugin={plugin} />
        ))}
      </ul>
    </section>
  );
}

function Tile({ plugin }: { plugin: InstalledPlugin }) {
  const { id, icon, name, description, version } = plugin;
  return (
    <li>
      <Link
        to="/view/$id/{-$page}"
        params={{ id }}
        className="flex h-full flex-wrap items-center gap-3 rounded-xl border border-line bg-surface p-4 transition-colors hover:border-brand/60"
      >
        <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-muted">
          <PluginIcon icon={icon} name={name} size={22} />
        </span>
        <span className="min-w-0 flex-1 basis-32">
          <span className="block truncate font-medium">{name}</span>
          <span className="line-clamp-2 text-[13px] text-text-muted wrap-anywhere">{description ?? version}</span>
        </span>
        <ConditionBadge condition={conditionOf(plugin)} />
      </Link>
    </li>
  );
}
