import { TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { RequestError } from "#shared/api/request.ts";
import { asSentence } from "#shared/i18n/host-text.ts";
import { useHostText } from "#shared/i18n/use-host-text.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

/** What to tell a person of an error. */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations("common");
  const hostText = useHostText();
  return (error) => {
    if (error instanceof RequestError)
      return error.status === 0 ? t("errorOffline") : asSentence(hostText(error.message));
    return t("errorUnknown");
  };
}

export function ErrorNotice({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  const t = useTranslations("common");
  const textOf = useErrorText();
  return (
    <Notice
      alert
      icon={<TriangleAlert size={28} aria-hidden />}
      title={title ?? t("errorTitle")}
      actions={onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}
    >
      <p className="wrap-anywhere">{textOf(error)}</p>
    </Notice>
  );
}
