import { type KeyboardEvent, useRef } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "#shared/ui/class-names.ts";
import { type PanelTab, TABS } from "./manager-search.ts";

/** There is one panel at a time. */
export const panelIds: Record<PanelTab | "body", string> = {
  details: "panel-tab-details",
  logs: "panel-tab-logs",
  events: "panel-tab-events",
  body: "panel-body",
};

/** As tabs are used everywhere: arrows move between them, Tab leaves them. */
export function PanelTabs({ tab, onChange }: { tab: PanelTab; onChange: (tab: PanelTab) => void }) {
  const t = useTranslations("plugins.tab");
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = nextTab(tab, event.key);
    if (next === null) return;
    event.preventDefault();
    onChange(next);
    list.current?.querySelector<HTMLElement>(`#${panelIds[next]}`)?.focus();
  };
  return (
    <div ref={list} role="tablist" className="flex shrink-0 gap-1 border-b border-line px-3">
      {TABS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={panelIds[name]}
          aria-selected={name === tab}
          aria-controls={panelIds.body}
          tabIndex={name === tab ? 0 : -1}
          onClick={() => onChange(name)}
          onKeyDown={onKeyDown}
          className={classNames(
            "-mb-px h-10 border-b-2 px-3 text-[13px] font-medium focus-visible:-outline-offset-2",
            name === tab ? "border-brand text-brand" : "border-transparent text-text-muted hover:text-text",
          )}
        >
          {t(name)}
        </button>
      ))}
    </div>
  );
}

function nextTab(tab: PanelTab, key: string): PanelTab | null {
  const at = TABS.indexOf(tab);
  switch (key) {
    case "ArrowRight":
      return TABS[(at + 1) % TABS.length] ?? null;
    case "ArrowLeft":
      return TABS.at(at - 1) ?? null;
    case "Home":
      return TABS[0];
    case "End":
      return TABS.at(-1) ?? null;
    default:
      return null;
  }
}
