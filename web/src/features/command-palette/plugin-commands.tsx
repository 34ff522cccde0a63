import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, FileText, Info, Power, PowerOff, RotateCw } from "lucide-react";
import { useTranslations } from "use-intl";
import { usePluginActions } from "#shared/plugins/plugin-actions.ts";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import { usePlugins } from "#shared/plugins/plugin-queries.ts";
import { type InstalledPlugin, isInstalled } from "#shared/plugins/plugin.ts";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import { ConditionBadge } from "#shared/ui/condition-badge.tsx";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";
import type { PaletteCommand } from "./palette-command.ts";

const ICON = { size: 16, "aria-hidden": true } as const;

type Common = Pick<PaletteCommand, "group" | "keywords" | "isQuiet">;

export function usePluginCommands(): PaletteCommand[] {
  const plugins = usePlugins().filter(isInstalled);
  const isAdmin = useIsAdmin();
  const pages = usePageCommands();
  const actions = useActionCommands();
  return plugins.flatMap((plugin) => pages(plugin, isAdmin).concat(isAdmin ? actions(plugin) : []));
}

function usePageCommands(): (plugin: InstalledPlugin, isAdmin: boolean) => PaletteCommand[] {
  const t = useTranslations("palette");
  const navigate = useNavigate();
  return (plugin, isAdmin) => {
    const { id, name, icon, route } = plugin;
    const common: Common = { group: "plugins", keywords: [id, route] };
    const open: PaletteCommand = {
      ...common,
      id: `open:${id}`,
      label: t("open", { name }),
      icon: <PluginIcon icon={icon} name={name} size={18} />,
      state: <ConditionBadge condition={conditionOf(plugin)} />,
      run: () => void navigate({ to: "/view/$id/{-$page}", params: { id } }),
    };
    const details: PaletteCommand = {
      ...common,
      id: `details:${id}`,
      label: t("details", { name }),
      icon: <Info {...ICON} />,
      isQuiet: true,
      run: () => void navigate({ to: "/plugins-manager", search: { plugin: id } }),
    };
    if (!isAdmin) return [open, details];
    const logs: PaletteCommand = {
      ...common,
      id: `logs:${id}`,
      label: t("logs", { name }),
      icon: <FileText {...ICON} />,
      isQuiet: true,
      run: () => void navigate({ to: "/logs/$id", params: { id } }),
    };
    const events: PaletteCommand = {
      ...common,
      id: `events:${id}`,
      label: t("events", { name }),
      icon: <CalendarClock {...ICON} />,
      isQuiet: true,
      run: () => void navigate({ to: "/events", search: { plugin: id } }),
    };
    return [open, details, logs, events];
  };
}

function useActionCommands(): (plugin: InstalledPlugin) => PaletteCommand[] {
  const t = useTranslations("palette");
  const { setEnabled, restart } = usePluginActions();
  return (plugin) => {
    const { id, name, enabled } = plugin;
    const common: Common = { group: "actions", keywords: [id], isQuiet: true };
    const enable: PaletteCommand = {
      ...common,
      id: `enable:${id}`,
      label: t("enable", { name }),
      icon: <Power {...ICON} />,
      run: () => setEnabled(plugin, true),
    };
    if (!enabled) return [enable];
    const disable: PaletteCommand = {
      ...common,
      id: `disable:${id}`,
      label: t("disable", { name }),
      icon: <PowerOff {...ICON} />,
      run: () => setEnabled(plugin, false),
    };
    const again: PaletteCommand = {
      ...common,
      id: `restart:${id}`,
      label: t("restart", { name }),
      icon: <RotateCw {...ICON} />,
      run: () => restart(plugin),
    };
    return [again, disable];
  };
}
