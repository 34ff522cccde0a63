import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { PluginIcon } from "#shared/ui/plugin-icon.tsx";

export interface EventPluginProps {
  id: string;
  /** Null where it is gone; the icon too. */
  name: string | null;
  icon: string | null;
}

/** The plugin of an event, leading to its panel; only its id where it is gone. */
export function EventPlugin({ id, name, icon }: EventPluginProps) {
  const t = useTranslations("events");
  if (name === null) {
    return (
      <span title={t("gone")} className="min-w-0 truncate text-text-muted">
        {id}
      </span>
    );
  }
  return (
    <Link
      to="/plugins-manager"
      search={{ plugin: id }}
      className="inline-flex min-h-7 max-w-full min-w-0 items-center gap-1.5 rounded-md hover:underline"
    >
      <PluginIcon icon={icon ?? ""} name={name} size={16} />
      <span className="truncate">{name}</span>
    </Link>
  );
}
