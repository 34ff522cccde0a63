import type { PluginEventType } from "@toru/http-api";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { EventIcon } from "#shared/events/event-mark.tsx";
import { EVENT_TYPES } from "#shared/events/event-types.ts";
import { usePlugins } from "#shared/plugins/plugin-queries.ts";
import { isInstalled, type PanelPlugin } from "#shared/plugins/plugin.ts";
import { classNames } from "#shared/ui/class-names.ts";
import { Select } from "#shared/ui/select.tsx";

interface EventFiltersProps {
  plugin: string | undefined;
  onPlugin: (plugin: string | undefined) => void;
  /** Empty is all. */
  types: PluginEventType[];
  onTypes: (types: PluginEventType[]) => void;
}

export function EventFilters({ plugin, onPlugin, types, onTypes }: EventFiltersProps) {
  const t = useTranslations("events");
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <PluginSelect plugin={plugin} onPlugin={onPlugin} />
      <fieldset className="flex min-w-0 flex-wrap gap-1">
        <legend className="sr-only">{t("types")}</legend>
        <Chip isPressed={types.length === 0} onPress={() => onTypes([])}>
          {t("allTypes")}
        </Chip>
        {EVENT_TYPES.map((type) => (
          <Chip key={type} isPressed={types.includes(type)} onPress={() => onTypes(toggled(types, type))}>
            <EventIcon type={type} />
            {t(`type.${type}`)}
          </Chip>
        ))}
      </fieldset>
    </div>
  );
}

function toggled(types: PluginEventType[], type: PluginEventType): PluginEventType[] {
  return EVENT_TYPES.filter((other) => types.includes(other) !== (other === type));
}

function PluginSelect({ plugin, onPlugin }: Pick<EventFiltersProps, "plugin" | "onPlugin">) {
  const t = useTranslations("events");
  const names = namesOf(usePlugins());
  return (
    <Select
      label={t("plugin")}
      value={plugin ?? ""}
      onChange={({ target }) => onPlugin(target.value === "" ? undefined : target.value)}
      className="w-52 max-sm:w-full"
    >
      <option value="">{t("allPlugins")}</option>
      {names.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
      {plugin !== undefined && names.every(([id]) => id !== plugin) && (
        <option value={plugin}>{t("gonePlugin", { id: plugin })}</option>
      )}
    </Select>
  );
}

/** Ids and names, by name. What was installed once and is invalid now has its events still. */
function namesOf(plugins: PanelPlugin[]): [string, string][] {
  const names = new Map<string, string>();
  for (const plugin of plugins) {
    if (isInstalled(plugin)) names.set(plugin.id, plugin.name);
    else if (plugin.id !== null && !names.has(plugin.id)) names.set(plugin.id, plugin.id);
  }
  return [...names].sort(([, one], [, other]) => one.localeCompare(other));
}

interface ChipProps {
  isPressed: boolean;
  onPress: () => void;
  children: ReactNode;
}

function Chip({ isPressed, onPress, children }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={isPressed}
      onClick={onPress}
      className={classNames(
        "inline-flex h-9 items-center gap-1.5 rounded-md px-2.5 text-[13px] font-medium max-md:px-2",
        isPressed ? "bg-brand-soft text-brand" : "text-text-muted hover:bg-muted hover:text-text",
      )}
    >
      {children}
    </button>
  );
}
