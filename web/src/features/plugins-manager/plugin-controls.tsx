import { Link } from "@tanstack/react-router";
import { ExternalLink, RotateCw, ScrollText } from "lucide-react";
import { useTranslations } from "use-intl";
import { usePluginActions } from "#shared/plugins/plugin-actions.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { IconButton } from "#shared/ui/button.tsx";
import { Switch } from "#shared/ui/switch.tsx";
import { PanelLink } from "./panel-link.tsx";

const ICON_LINK =
  "inline-grid size-9 shrink-0 place-items-center rounded-md text-text-muted hover:bg-muted hover:text-text";

/** What can be done with one plugin; of it, what this person may do. Above a link that fills its row. */
export function PluginControls({ plugin, hasLogs }: { plugin: InstalledPlugin; hasLogs: boolean }) {
  const t = useTranslations("plugins");
  const isAdmin = useIsAdmin();
  const { setEnabled, restart } = usePluginActions();
  const { id, name, enabled } = plugin;
  return (
    <div className="relative z-10 flex w-fit items-center gap-0.5">
      <Link
        to="/view/$id/{-$page}"
        params={{ id }}
        aria-label={t("openPageOf", { name })}
        title={t("openPage")}
        className={ICON_LINK}
      >
        <ExternalLink size={16} aria-hidden />
      </Link>
      {isAdmin && (
        <>
          {hasLogs && (
            <PanelLink id={id} tab="logs" label={t("viewLogsOf", { name })} title={t("viewLogs")} className={ICON_LINK}>
              <ScrollText size={16} aria-hidden />
            </PanelLink>
          )}
          <IconButton
            label={t("restartOf", { name })}
            title={t("restart")}
            disabled={!enabled}
            onClick={() => restart(plugin)}
          >
            <RotateCw size={16} aria-hidden />
          </IconButton>
          <span className="inline-grid min-h-9 place-items-center pl-1.5">
            <Switch
              label={t("enabledOf", { name })}
              checked={enabled}
              onChange={(wanted) => setEnabled(plugin, wanted)}
            />
          </span>
        </>
      )}
    </div>
  );
}
