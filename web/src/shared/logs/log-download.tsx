import { Download } from "lucide-react";
import { useId, useRef } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "#shared/ui/class-names.ts";
import { isFiltering, type LogFilter, logPath, NO_FILTER } from "./log-filter.ts";

const ITEM = "block rounded-md px-3 py-2 text-sm hover:bg-muted";

/** A popover with plain links: the browser saves what the host sends, byte for byte. */
export function LogDownload({ id, filter }: { id: string; filter: LogFilter }) {
  const t = useTranslations("logs");
  const menuId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const place = () => {
    const { right, bottom } = button.current?.getBoundingClientRect() ?? { right: 0, bottom: 0 };
    menu.current?.style.setProperty("top", `${bottom + 4}px`);
    menu.current?.style.setProperty("right", `${document.documentElement.clientWidth - right}px`);
  };
  const close = () => menu.current?.hidePopover();
  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={menuId}
        aria-label={t("download")}
        title={t("download")}
        onClick={place}
        className="inline-grid size-9 shrink-0 place-items-center rounded-md text-text-muted hover:bg-muted hover:text-text"
      >
        <Download size={18} aria-hidden />
      </button>
      <div
        ref={menu}
        id={menuId}
        popover="auto"
        className="fixed inset-auto m-0 w-64 rounded-xl border border-line bg-raised p-1.5 text-text shadow-(--toru-shadow)"
      >
        <a href={logPath(id, "/download", NO_FILTER)} download={`${id}.log`} onClick={close} className={ITEM}>
          {t("downloadWhole")}
        </a>
        {isFiltering(filter) ? (
          <a href={logPath(id, "/download", filter)} download={`${id}.log`} onClick={close} className={ITEM}>
            {t("downloadFiltered")}
          </a>
        ) : (
          <p className={classNames(ITEM, "text-text-muted hover:bg-transparent")}>{t("downloadNoFilter")}</p>
        )}
      </div>
    </>
  );
}
