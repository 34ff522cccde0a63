import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";
import { PanelLink } from "./panel-link.tsx";

/** Icon, name and version. The link reaches over the whole row or card, which must be `relative`. */
export function PluginTitle({ plugin }: { plugin: InstalledPlugin }) {
  const { icon, id, name, version } = plugin;
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      <PluginIcon icon={icon} name={name} size={24} />
      <div className="min-w-0 leading-tight">
        <PanelLink
          id={id}
          className="block truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-md focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-brand"
        >
          {name}
        </PanelLink>
        <span className="block truncate text-xs text-text-muted">{version}</span>
      </div>
    </div>
  );
}
