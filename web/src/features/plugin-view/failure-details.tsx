import { ChevronRight, Copy } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "#shared/ui/button.tsx";
import { copyText } from "#shared/ui/copy-text.ts";
import { toast } from "#shared/ui/toast.ts";
import type { PageFailure } from "./page-failure.ts";
import { ScrollingCode } from "./scrolling-code.tsx";

/** The stack, for whoever writes the plugin: behind an expander, and to be copied. */
export function FailureDetails({ failure, version }: { failure: PageFailure; version: string }) {
  const t = useTranslations();
  if (failure.details === null) return null;
  const { details, message } = failure;
  const text = details.includes(message) ? details : `${message}\n${details}`;
  const copy = () => {
    void copyText(`${version}\n${text}\n`).then((copied) =>
      copied ? toast.success(t("common.copied")) : toast.error(t("common.copyFailed")),
    );
  };
  return (
    <details className="group mt-2 w-full text-left text-text">
      <summary className="inline-flex min-h-7 items-center gap-1 rounded-md text-[13px] max-md:min-h-9">
        <ChevronRight size={16} aria-hidden className="transition-transform group-open:rotate-90" />
        {t("view.details")}
      </summary>
      <div className="mt-1 rounded-md border border-line bg-surface">
        <ScrollingCode label={t("view.details")} className="max-h-72 p-3">
          {text}
        </ScrollingCode>
        <div className="border-t border-line p-2">
          <Button size="small" onClick={copy}>
            <Copy size={14} aria-hidden />
            {t("common.copy")}
          </Button>
        </div>
      </div>
    </details>
  );
}
