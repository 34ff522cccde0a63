import { useTranslations } from "use-intl";
import { copyText } from "#shared/ui/copy-text.ts";
import { toast } from "#shared/ui/toast.ts";

/** Copies, and says whether it could. */
export function useCopy(): (text: string, done?: string) => void {
  const t = useTranslations("common");
  return (text, done = t("copied")) => {
    void copyText(text).then((isCopied) => (isCopied ? toast.success(done) : toast.error(t("copyFailed"))));
  };
}
