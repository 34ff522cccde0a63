import { useTranslations } from "use-intl";
import { CopyButton } from "#shared/ui/copy-button.tsx";
import { stripAnsi } from "./strip-ansi.ts";

/** Lines of output that are shown. */
const MAX_LINES = 20;

/** The last words of a process, as plain text whatever they hold. */
export function CrashOutput({ lines }: { lines: string[] }) {
  const t = useTranslations("plugins.crash");
  const text = lines.slice(-MAX_LINES).map(stripAnsi).join("\n");
  if (text.trim() === "") return <p className="text-[13px] text-text-muted">{t("noOutput")}</p>;
  return (
    <div className="overflow-hidden rounded-md border border-line bg-muted">
      <div className="flex items-center justify-between border-b border-line py-0.5 pr-1 pl-3">
        <h4 className="text-[13px] font-medium text-text-muted">{t("output")}</h4>
        <CopyButton text={text} label={t("copyOutput")} />
      </div>
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
        tabIndex={0}
        aria-label={t("output")}
        className="max-h-72 overflow-auto px-3 py-2 font-mono text-xs leading-5"
      >
        {text}
      </pre>
    </div>
  );
}
