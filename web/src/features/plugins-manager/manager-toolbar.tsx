import { ArrowDownNarrowWide, ArrowUpNarrowWide } from "lucide-react";
import { useTranslations } from "use-intl";
import type { PanelPlugin } from "#shared/plugins/plugin.ts";
import { IconButton } from "#shared/ui/button.tsx";
import { classNames } from "#shared/ui/class-names.ts";
import { Select } from "#shared/ui/select.tsx";
import { countGroups, firstOrder } from "./arrange-plugins.ts";
import { type Group, GROUPS, SORT_KEYS } from "./manager-search.ts";
import { SearchBox } from "./search-box.tsx";
import { useManagerSearch } from "./use-manager-search.ts";

interface ManagerToolbarProps {
  plugins: PanelPlugin[];
  /** Where no column headers do it. */
  hasSort: boolean;
}

export function ManagerToolbar({ plugins, hasSort }: ManagerToolbarProps) {
  const t = useTranslations("plugins");
  const { search, change } = useManagerSearch();
  const counts = countGroups(plugins);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <SearchBox value={search.q ?? ""} onChange={(q) => change({ q: q === "" ? undefined : q }, { replace: true })} />
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">{t("filter")}</legend>
        <GroupButton group={undefined} count={plugins.length} />
        {GROUPS.map((group) => (
          <GroupButton key={group} group={group} count={counts[group]} />
        ))}
      </fieldset>
      {hasSort && <SortSelect />}
    </div>
  );
}

function GroupButton({ group, count }: { group: Group | undefined; count: number }) {
  const t = useTranslations("plugins.group");
  const { search, change } = useManagerSearch();
  const isPressed = search.show === group;
  return (
    <button
      type="button"
      aria-pressed={isPressed}
      onClick={() => change({ show: group })}
      className={classNames(
        "inline-flex h-9 items-center gap-1.5 rounded-md px-2.5 text-[13px] font-medium max-md:px-2",
        isPressed ? "bg-brand-soft text-brand" : "text-text-muted hover:bg-muted hover:text-text",
      )}
    >
      {t(group ?? "all")}
      <span className="font-normal tabular-nums">{count}</span>
    </button>
  );
}

function SortSelect() {
  const t = useTranslations("plugins");
  const { search, change } = useManagerSearch();
  const { sort = "name", order = firstOrder(sort) } = search;
  const isUp = order === "asc";
  return (
    <div className="flex items-center gap-1">
      <Select
        label={t("sortBy")}
        value={sort}
        onChange={(event) => {
          const key = SORT_KEYS.find((known) => known === event.target.value) ?? "name";
          change({ sort: key, order: firstOrder(key) });
        }}
      >
        {SORT_KEYS.map((key) => (
          <option key={key} value={key}>
            {t(`column.${key}`)}
          </option>
        ))}
      </Select>
      <IconButton
        label={t(isUp ? "ascending" : "descending")}
        onClick={() => change({ sort, order: isUp ? "desc" : "asc" })}
      >
        {isUp ? <ArrowUpNarrowWide size={18} aria-hidden /> : <ArrowDownNarrowWide size={18} aria-hidden />}
      </IconButton>
    </div>
  );
}
