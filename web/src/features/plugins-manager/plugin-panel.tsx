import { lazy, Suspense } from "react";
import { useTranslations } from "use-intl";
import { ErrorBoundary, type FallbackProps } from "react-error-boundary";
import { RequestError } from "#shared/api/request.ts";
import { usePlugin } from "#shared/plugins/plugin-queries.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { Dialog } from "#shared/ui/dialog.tsx";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { Notice } from "#shared/ui/notice.tsx";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";
import type { PanelTab } from "./manager-search.ts";
import { panelIds, PanelTabs } from "./panel-tabs.tsx";
import { PluginControls } from "./plugin-controls.tsx";
import { PluginDetails } from "./plugin-details.tsx";
import { useManagerSearch } from "./use-manager-search.ts";

const LogViewer = lazy(async () => ({ default: (await import("#shared/logs/log-viewer.tsx")).LogViewer }));
const EventTimeline = lazy(async () => ({
  default: (await import("#shared/events/event-timeline.tsx")).EventTimeline,
}));

/** Everything about one plugin, beside the list. */
export function PluginPanel({ id }: { id: string }) {
  const t = useTranslations("plugins");
  const plugin = usePlugin(id);
  const { closePanel } = useManagerSearch();
  if (plugin === null) {
    return (
      <Dialog place="right" title={id} onClose={closePanel}>
        <Notice title={t("goneTitle", { id })}>{t("goneText")}</Notice>
      </Dialog>
    );
  }
  const title = (
    <span className="flex items-center gap-2.5">
      <PluginIcon icon={plugin.icon} name={plugin.name} />
      <span className="truncate">{plugin.name}</span>
    </span>
  );
  return (
    <Dialog
      place="right"
      flush
      title={title}
      onClose={closePanel}
      actions={<PluginControls plugin={plugin} hasLogs={false} />}
    >
      <PanelBody plugin={plugin} />
    </Dialog>
  );
}

function PanelBody({ plugin }: { plugin: InstalledPlugin }) {
  const isAdmin = useIsAdmin();
  const { search, showTab } = useManagerSearch();
  if (!isAdmin) return <PluginDetails plugin={plugin} />;
  const { tab = "details" } = search;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PanelTabs tab={tab} onChange={showTab} />
      <div role="tabpanel" id={panelIds.body} aria-labelledby={panelIds[tab]} className="min-h-0 flex-1 overflow-auto">
        <ErrorBoundary FallbackComponent={TabFailure} resetKeys={[tab]}>
          <Suspense fallback={<Loading />}>
            <TabContent tab={tab} plugin={plugin} />
          </Suspense>
        </ErrorBoundary>
      </div>
    </div>
  );
}

function TabContent({ tab, plugin }: { tab: PanelTab; plugin: InstalledPlugin }) {
  switch (tab) {
    case "details":
      return <PluginDetails plugin={plugin} />;
    case "logs":
      return <LogViewer id={plugin.id} />;
    case "events":
      return (
        <div className="p-4">
          <EventTimeline plugin={plugin.id} />
        </div>
      );
  }
}

function TabFailure({ error, resetErrorBoundary }: FallbackProps) {
  // Code that did not come is not asked for again by React: only the whole page can.
  const reload = () => window.location.reload();
  return <ErrorNotice error={error} onRetry={error instanceof RequestError ? resetErrorBoundary : reload} />;
}
