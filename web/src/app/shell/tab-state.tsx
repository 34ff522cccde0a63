import { useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { conditionOf, needsAttention } from "#shared/plugins/plugin-condition.ts";
import { usePlugin, usePlugins } from "#shared/plugins/plugin-queries.ts";

/**
 * The browser tab tells which page it shows, and that something is down: a number before the title, a red corner on the
 * icon. A screen reader hears the name of each page that is gone to.
 */
export function TabState() {
  const t = useTranslations("shell");
  const page = usePageName();
  const count = usePlugins().filter((plugin) => needsAttention(conditionOf(plugin))).length;
  useEffect(() => {
    const down = count === 0 ? null : `(${count}) ${t("titleDown", { count })}`;
    document.title = [down, page, "Toru"].filter((part) => part !== null).join(" · ");
    setIcon(count > 0);
  }, [count, page, t]);
  useEffect(
    () => () => {
      document.title = "Toru";
      setIcon(false);
    },
    [],
  );
  return <output className="sr-only">{page ?? t("home")}</output>;
}

/** Null for home. */
function usePageName(): string | null {
  const t = useTranslations("shell");
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const [, page = "", id = ""] = pathname.split("/");
  const plugin = usePlugin(id);
  switch (page) {
    case "plugins-manager":
      return t("pluginManager");
    case "events":
    case "account":
      return t(page);
    case "view":
      return plugin?.name ?? id;
    case "logs":
      return t("titleLogs", { name: plugin?.name ?? id });
    default:
      return null;
  }
}

function setIcon(isDown: boolean): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon !== null) icon.href = iconOf(isDown);
}

function iconOf(isDown: boolean): string {
  const corner = isDown ? '<circle cx="24" cy="24" r="8" fill="#d5303b" stroke="#fff" stroke-width="2"/>' : "";
  const gate =
    '<path d="M6 9.5h20M9 14.5h14M11 9.5V25M21 9.5V25" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#493FAA"/>${gate}${corner}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
