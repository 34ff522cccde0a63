import { Bug, HeartPulse, RefreshCw, RotateCw, X } from "lucide-react";
import { useTranslations } from "use-intl";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { Button, IconButton } from "#shared/ui/button.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { FailedPage } from "./failed-page.tsx";
import { FailureDetails } from "./failure-details.tsx";
import { MissingPage } from "./missing-page.tsx";
import { PageBar } from "./page-bar.tsx";
import type { PageState } from "./page-view.ts";
import { StartingPage } from "./starting-page.tsx";
import { usePageView } from "./use-page-view.ts";

/** The page of a plugin that runs, or is about to. What happens to it later is told in bars above it. */
export function PluginPage({ plugin }: { plugin: InstalledPlugin }) {
  const [view, state] = usePageView(plugin);
  const reload = () => view.reload(plugin);
  switch (state.phase) {
    case "closed":
      return plugin.status === "running" ? <Loading /> : <StartingPage plugin={plugin} />;
    case "loading":
      return <Loading />;
    case "missing":
      return <MissingPage plugin={plugin} onRetry={reload} />;
    case "failed":
      return <FailedPage plugin={plugin} failure={state.failure} onRetry={reload} />;
    case "shown":
      return (
        <section aria-label={plugin.name} className="flex min-w-0 flex-1 flex-col">
          <output className="block">
            <Bars plugin={plugin} state={state} onReload={reload} onDismiss={() => view.dismissFailure()} />
          </output>
          {/* Whatever the page puts on top of itself stays below the shell's own layers. */}
          <div className="relative isolate flex min-w-0 flex-1 flex-col">
            <slot name="plugin" />
          </div>
        </section>
      );
  }
}

interface BarsProps {
  plugin: InstalledPlugin;
  state: Extract<PageState, { phase: "shown" }>;
  onReload: () => void;
  onDismiss: () => void;
}

function Bars({ plugin, state, onReload, onDismiss }: BarsProps) {
  const t = useTranslations();
  const hostText = useHostText();
  const { name, version, health, health_reason: reason, status, enabled } = plugin;
  return (
    <>
      {status !== "running" && (
        <PageBar
          tone="warn"
          icon={<RotateCw size={16} aria-hidden />}
          title={t(enabled ? "view.restarting" : "view.stopping", { name })}
        />
      )}
      {status === "running" && health === "unhealthy" && (
        <PageBar
          tone="bad"
          icon={<HeartPulse size={16} aria-hidden />}
          title={reason ? t("view.unhealthyReason", { reason: hostText(reason) }) : t("view.unhealthy", { name })}
        />
      )}
      {state.revision !== plugin.revision && (
        <PageBar
          tone="brand"
          icon={<RefreshCw size={16} aria-hidden />}
          title={t("view.newRevision", { name, version })}
          actions={
            <Button size="small" onClick={onReload}>
              {t("view.reload")}
            </Button>
          }
        />
      )}
      {state.failure !== null && (
        <PageBar
          tone="bad"
          icon={<Bug size={16} aria-hidden />}
          title={t("view.failedLater", { message: state.failure.message })}
          actions={
            <>
              <Button size="small" onClick={onReload}>
                {t("common.retry")}
              </Button>
              <IconButton size="small" label={t("view.dismiss")} onClick={onDismiss}>
                <X size={16} aria-hidden />
              </IconButton>
            </>
          }
        >
          <FailureDetails failure={state.failure} version={`${name} ${version}`} />
        </PageBar>
      )}
    </>
  );
}
