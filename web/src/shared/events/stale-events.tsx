import { TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "#shared/ui/button.tsx";
import { useErrorText } from "#shared/ui/error-notice.tsx";

/** Above events that could not be brought up to date. */
export function StaleEvents({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useTranslations("events");
  const tCommon = useTranslations("common");
  const textOf = useErrorText();
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-2 rounded-md bg-warn-soft px-3 py-2 text-[13px] text-warn"
    >
      <TriangleAlert size={15} aria-hidden className="shrink-0" />
      <p className="min-w-0 flex-1 wrap-anywhere">
        {t("stale")} {textOf(error)}
      </p>
      <Button size="small" onClick={onRetry}>
        {tCommon("retry")}
      </Button>
    </div>
  );
}
