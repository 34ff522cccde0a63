import { Copy } from "lucide-react";
import { useTranslations } from "use-intl";
import { IconButton } from "./button.tsx";
import { copyText } from "./copy-text.ts";
import { toast } from "./toast.ts";

/** Copies a text and says whether it could. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const t = useTranslations("common");
  const copy = async () => {
    if (await copyText(text)) toast.success(t("copied"));
    else toast.error(t("copyFailed"));
  };
  return (
    <IconButton size="small" label={label} onClick={() => void copy()}>
      <Copy size={15} aria-hidden />
    </IconButton>
  );
}
