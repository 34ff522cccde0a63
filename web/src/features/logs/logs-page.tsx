import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft, Lock, ScrollText } from "lucide-react";
import { useTranslations } from "use-intl";
import type { LogFilter } from "#shared/logs/log-filter.ts";
import { FilteredLogViewer } from "#shared/logs/log-viewer.tsx";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import { usePlugin } from "#shared/plugins/plugin-queries.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { buttonClass } from "#shared/ui/button.tsx";
import { ConditionBadge } from "#shared/ui/condition-badge.tsx";
import { Notice } from "#shared/ui/notice.tsx";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";

const route = getRouteApi("/shell/logs/$id");

/** The log of one plugin over the whole page; the filter is in the address. */
export function LogsPage() {
  const t = useTranslations("logs");
  const { id } = route.useParams();
  const plugin = usePlugin(id);
  const isAdmin = useIsAdmin();
  if (!isAdmin) {
    return (
      <Notice icon={<Lock size={28} aria-hidden />} title={t("adminsOnly")}>
        <p>{t("adminsOnlyText")}</p>
      </Notice>
    );
  }
  if (plugin === null) {
    const back = (
      <Link to="/plugins-manager" className={buttonClass()}>
        {t("back")}
      </Link>
    );
    return (
      <Notice icon={<ScrollText size={28} aria-hidden />} title={t("unknownPlugin", { id })} actions={back}>
        <p>{t("unknownPluginText")}</p>
      </Notice>
    );
  }
  return <PluginLogs plugin={plugin} />;
}

function PluginLogs({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("logs");
  const { level = "debug", q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const setFilter = (filter: LogFilter) => {
    const search = {
      ...(filter.level !== "debug" && { level: filter.level }),
      ...(filter.q !== "" && { q: filter.q }),
    };
    void navigate({ search, replace: true });
  };
  return (
    // As high as the page leaves room for: the log scrolls, not the page.
    <div className="absolute inset-0 flex flex-col">
      <div className="flex flex-wrap items-center gap-x-2 border-b border-line bg-surface px-2 py-1.5">
        <Link
          to="/plugins-manager"
          aria-label={t("back")}
          title={t("back")}
          className="grid size-9 place-items-center rounded-md text-text-muted hover:bg-muted hover:text-text"
        >
          <ArrowLeft size={18} aria-hidden />
        </Link>
        <PluginIcon icon={plugin.icon} name={plugin.name} />
        <h1 className="min-w-0 truncate text-base font-semibold">{t("titleOf", { name: plugin.name })}</h1>
        <ConditionBadge condition={conditionOf(plugin)} />
      </div>
      <div className="flex min-h-0 flex-1 flex-col">
        <FilteredLogViewer id={plugin.id} filter={{ level, q }} onFilter={setFilter} />
      </div>
    </div>
  );
}
