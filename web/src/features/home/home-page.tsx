import { useTranslations } from "use-intl";
import { NoPlugins } from "#shared/plugins/no-plugins.tsx";
import { conditionOf, needsAttention } from "#shared/plugins/plugin-condition.ts";
import { usePlugins } from "#shared/plugins/plugin-queries.ts";
import { type InstalledPlugin, isInstalled, type PanelPlugin } from "#shared/plugins/plugin.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { Card, Page } from "#shared/ui/page.tsx";
import { AttentionList } from "./attention-list.tsx";
import { CalmLine } from "./calm-line.tsx";
import { LatestEvents } from "./latest-events.tsx";
import { PluginTiles } from "./plugin-tiles.tsx";
import { ServerCard } from "./server-card.tsx";

/** What needs a person first; then what there is; then how the server fares. */
export function HomePage() {
  const t = useTranslations("home");
  const isAdmin = useIsAdmin();
  const plugins = usePlugins();
  const pressing = plugins.filter((plugin) => needsAttention(conditionOf(plugin)));
  const listed = plugins.filter(isListed);
  return (
    <Page title={t("title")}>
      {pressing.length > 0 && <AttentionList plugins={pressing} />}
      {pressing.length === 0 && plugins.length > 0 && <CalmLine plugins={listed} />}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-5">
          {plugins.length === 0 && (
            <Card>
              <NoPlugins />
            </Card>
          )}
          {listed.length > 0 && <PluginTiles plugins={listed} />}
          {isAdmin && <LatestEvents />}
        </div>
        <ServerCard />
      </div>
    </Page>
  );
}

/** The enabled ones, and those that the crash limit has disabled: they were wanted. */
function isListed(plugin: PanelPlugin): plugin is InstalledPlugin {
  return isInstalled(plugin) && (plugin.enabled || plugin.status === "failed");
}
