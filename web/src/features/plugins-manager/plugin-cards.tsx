import { useTranslations } from "use-intl";
import type { ReactNode } from "react";
import type { InstalledPlugin, PanelPlugin } from "#shared/plugins/plugin.ts";
import { Card } from "#shared/ui/page.tsx";
import { InvalidReason, InvalidTitle } from "./invalid-text.tsx";
import { PluginControls } from "./plugin-controls.tsx";
import { PluginState } from "./plugin-state.tsx";
import { PluginTitle } from "./plugin-title.tsx";
import { Uptime } from "./uptime.tsx";
import { UsageFigure } from "./usage-figure.tsx";

/** Where a table is too wide. */
export function PluginCards({ plugins }: { plugins: PanelPlugin[] }) {
  const t = useTranslations("plugins");
  return (
    <ul aria-label={t("title")} className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
      {plugins.map((plugin) => (
        <li key={plugin.file} className="min-w-0">
          {plugin.kind === "invalid" ? (
            <Card className="flex h-full flex-col gap-2 p-3">
              <InvalidTitle plugin={plugin} />
              <InvalidReason plugin={plugin} />
            </Card>
          ) : (
            <PluginCard plugin={plugin} />
          )}
        </li>
      ))}
    </ul>
  );
}

function PluginCard({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("plugins.column");
  return (
    <Card className="relative flex h-full flex-col gap-3 p-3 hover:bg-muted/40">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0 flex-1">
          <PluginTitle plugin={plugin} />
        </div>
        <PluginControls plugin={plugin} hasLogs />
      </div>
      <PluginState plugin={plugin} />
      <dl className="mt-auto grid grid-cols-2 gap-x-4 gap-y-2 text-[13px]">
        <Fact name={t("uptime")}>
          <Uptime startedAt={plugin.startedAt} />
        </Fact>
        <Fact name={t("restarts")}>{plugin.restarts}</Fact>
        <Fact name={t("cpu")}>
          <UsageFigure id={plugin.id} kind="cpu" />
        </Fact>
        <Fact name={t("memory")}>
          <UsageFigure id={plugin.id} kind="memory" />
        </Fact>
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-text-muted">{name}</dt>
      <dd className="tabular-nums">{children}</dd>
    </div>
  );
}
