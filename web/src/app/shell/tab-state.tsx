import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { conditionOf, needsAttention } from "#shared/plugins/plugin-condition.ts";
import { usePlugins } from "#shared/plugins/plugin-queries.ts";

/** The browser tab tells that something is down: a number before the title, a red corner on the icon. */
export function TabState() {
  const t = useTranslations("shell");
  const count = usePlugins().filter((plugin) => needsAttention(conditionOf(plugin))).length;
  useEffect(() => {
    document.title = count === 0 ? "Toru" : `(${count}) ${t("titleDown", { count })} · Toru`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon !== null) icon.href = iconOf(count > 0);
  }, [count, t]);
  return null;
}

function iconOf(isDown: boolean): string {
  const corner = isDown ? '<circle cx="24" cy="24" r="8" fill="#d5303b" stroke="#fff" stroke-width="2"/>' : "";
  const gate =
    '<path d="M6 9.5h20M9 14.5h14M11 9.5V25M21 9.5V25" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#493FAA"/>${gate}${corner}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
