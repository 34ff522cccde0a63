import { PackagePlus, SearchX } from "lucide-react";
import { useTranslations } from "use-intl";
import { usePlugins, useResources } from "#shared/plugins/plugin-queries.ts";
import { Button } from "#shared/ui/button.tsx";
import { Notice } from "#shared/ui/notice.tsx";
import { Card, Page } from "#shared/ui/page.tsx";
import { arrangePlugins } from "./arrange-plugins.ts";
import { ManagerToolbar } from "./manager-toolbar.tsx";
import { PluginCards } from "./plugin-cards.tsx";
import { PluginPanel } from "./plugin-panel.tsx";
import { PluginTable } from "./plugin-table.tsx";
import { usageIn } from "./plugin-usage.ts";
import { useIsWide } from "./use-is-wide.ts";
import { useManagerSearch } from "./use-manager-search.ts";

/** All installed plugins, and the files that are none. */
export function ManagerPage() {
  const t = useTranslations("plugins");
  const plugins = usePlugins();
  const resources = useResources();
  const isWide = useIsWide();
  const { search } = useManagerSearch();
  const shown = arrangePlugins(plugins, search, usageIn(resources));
  return (
    <Page title={t("title")}>
      {plugins.length === 0 ? (
        <NothingInstalled />
      ) : (
        <>
          <ManagerToolbar plugins={plugins} hasSort={!isWide} />
          <output className="sr-only">{t("shown", { count: shown.length })}</output>
          {shown.length === 0 && <NoMatch />}
          {shown.length > 0 && isWide && (
            <Card className="overflow-hidden">
              <PluginTable plugins={shown} />
            </Card>
          )}
          {shown.length > 0 && !isWide && <PluginCards plugins={shown} />}
        </>
      )}
      {search.plugin !== undefined && <PluginPanel key={search.plugin} id={search.plugin} />}
    </Page>
  );
}

function NothingInstalled() {
  const t = useTranslations("plugins.empty");
  return (
    <Notice icon={<PackagePlus size={28} aria-hidden />} title={t("title")}>
      <ol className="list-inside list-decimal text-left">
        <li>{t("drop")}</li>
        <li>{t("chmod")}</li>
        <li>{t("appears")}</li>
      </ol>
      <p className="mt-2">{t("readme")}</p>
    </Notice>
  );
}

function NoMatch() {
  const t = useTranslations("plugins");
  const { change } = useManagerSearch();
  const clear = () => change({ q: undefined, show: undefined });
  return (
    <Notice
      icon={<SearchX size={28} aria-hidden />}
      title={t("noMatch")}
      actions={<Button onClick={clear}>{t("clearFilters")}</Button>}
    />
  );
}
