import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import { useTranslations } from "use-intl";
import type { InstalledPlugin, PanelPlugin } from "#shared/plugins/plugin.ts";
import { firstOrder } from "./arrange-plugins.ts";
import { InvalidReason, InvalidTitle } from "./invalid-text.tsx";
import { SORT_KEYS, type SortKey } from "./manager-search.ts";
import { PluginControls } from "./plugin-controls.tsx";
import { PluginState } from "./plugin-state.tsx";
import { PluginTitle } from "./plugin-title.tsx";
import { Uptime } from "./uptime.tsx";
import { UsageFigure } from "./usage-figure.tsx";
import { useManagerSearch } from "./use-manager-search.ts";

const WIDTHS: Record<SortKey, string> = {
  name: "",
  state: "w-[18%]",
  uptime: "w-26",
  restarts: "w-23",
  cpu: "w-32",
  memory: "w-34",
};

export function PluginTable({ plugins }: { plugins: PanelPlugin[] }) {
  const t = useTranslations("plugins");
  return (
    <table className="w-full table-fixed border-collapse text-[13px]">
      <caption className="sr-only">{t("title")}</caption>
      <thead>
        <tr className="border-b border-line text-left text-text-muted">
          {SORT_KEYS.map((key) => (
            <SortHeader key={key} column={key} />
          ))}
          <th scope="col" className="w-42 px-2 py-1.5">
            <span className="sr-only">{t("actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {plugins.map((plugin) =>
          plugin.kind === "invalid" ? (
            <tr key={plugin.file} className="border-b border-line last:border-0">
              <th scope="row" className="pr-2 pl-3 py-2 text-left align-top font-normal">
                <InvalidTitle plugin={plugin} />
              </th>
              <td colSpan={6} className="px-2 py-2">
                <InvalidReason plugin={plugin} />
              </td>
            </tr>
          ) : (
            <PluginRow key={plugin.file} plugin={plugin} />
          ),
        )}
      </tbody>
    </table>
  );
}

function SortHeader({ column }: { column: SortKey }) {
  const t = useTranslations("plugins.column");
  const { search, change } = useManagerSearch();
  const { sort = "name", order = firstOrder(sort) } = search;
  const isSorted = sort === column;
  const next = isSorted ? (order === "asc" ? "desc" : "asc") : firstOrder(column);
  const Arrow = isSorted ? (order === "asc" ? ArrowUp : ArrowDown) : ChevronsUpDown;
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (order === "asc" ? "ascending" : "descending") : undefined}
      className={`py-1 font-medium first:pl-1 ${WIDTHS[column]}`}
    >
      <button
        type="button"
        onClick={() => change({ sort: column, order: next })}
        className="inline-flex h-7 items-center gap-1 rounded-md px-2 whitespace-nowrap hover:bg-muted hover:text-text"
      >
        {t(column)}
        <Arrow size={13} aria-hidden className={isSorted ? "text-brand" : "opacity-60"} />
      </button>
    </th>
  );
}

function PluginRow({ plugin }: { plugin: InstalledPlugin }) {
  return (
    <tr className="relative border-b border-line last:border-0 hover:bg-muted/50">
      <th scope="row" className="pr-2 pl-3 py-1.5 text-left font-normal">
        <PluginTitle plugin={plugin} />
      </th>
      <td className="px-2 py-1.5">
        <PluginState plugin={plugin} />
      </td>
      <td className="px-2 py-1.5">
        <Uptime startedAt={plugin.startedAt} />
      </td>
      <td className="px-2 py-1.5 tabular-nums">{plugin.restarts}</td>
      <td className="px-2 py-1.5">
        <UsageFigure id={plugin.id} kind="cpu" />
      </td>
      <td className="px-2 py-1.5">
        <UsageFigure id={plugin.id} kind="memory" />
      </td>
      <td className="py-1.5 pr-3">
        <PluginControls plugin={plugin} hasLogs />
      </td>
    </tr>
  );
}
