import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { request } from "#shared/api/request.ts";
import { useErrorText } from "#shared/ui/error-notice.tsx";
import { toast } from "#shared/ui/toast.ts";
import { pluginsQuery } from "./plugin-queries.ts";
import { pluginWishes } from "./plugin-wishes.ts";
import type { InstalledPlugin } from "./plugin.ts";

export interface PluginActions {
  /** Shown at once; taken back with the reason where the host refuses. A toast tells either way. */
  setEnabled: (plugin: InstalledPlugin, enabled: boolean) => void;
  /** A toast tells whether the host has begun. */
  restart: (plugin: InstalledPlugin) => void;
}

/** Restarts that are asked for and not answered yet: another click adds nothing. */
const restarting = new Set<string>();

/** The last toast about each plugin. */
const shown = new Map<string, string | number>();

/** What is said about a plugin takes the place of what was said before, and stays as long as if it were the first. */
function tell(id: string, show: () => string | number): void {
  const before = shown.get(id);
  if (before !== undefined) toast.dismiss(before);
  shown.set(id, show());
}

/** They go on when what asked for them is gone from the screen. */
export function usePluginActions(): PluginActions {
  const client = useQueryClient();
  const t = useTranslations("plugins.toast");
  const reasonOf = useErrorText();

  const post = (id: string, action: "enable" | "disable" | "restart") =>
    request(`/api/plugins/${encodeURIComponent(id)}/${action}`, { method: "POST" });
  const refresh = () => client.invalidateQueries(pluginsQuery);

  const setEnabled = async ({ id, name }: InstalledPlugin, enabled: boolean) => {
    const send = (wanted: boolean) => post(id, wanted ? "enable" : "disable");
    try {
      const settled = await pluginWishes.setEnabled(id, enabled, { send, refresh });
      if (settled !== null) tell(id, () => toast.success(t(settled ? "enabled" : "disabled", { name })));
    } catch (error) {
      tell(id, () => toast.error(t("refused", { name }), { description: reasonOf(error) }));
    }
  };

  const restart = async ({ id, name }: InstalledPlugin) => {
    if (restarting.has(id)) return;
    restarting.add(id);
    try {
      await pluginWishes.inTurn(id, () => post(id, "restart"));
      tell(id, () => toast.success(t("restarted", { name })));
    } catch (error) {
      tell(id, () => toast.error(t("notRestarted", { name }), { description: reasonOf(error) }));
    } finally {
      restarting.delete(id);
    }
  };

  return {
    setEnabled: (plugin, enabled) => void setEnabled(plugin, enabled),
    restart: (plugin) => void restart(plugin),
  };
}
