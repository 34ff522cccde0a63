import type { PluginEvent } from "@toru/http-api";
import { useTranslations } from "use-intl";
import { CopyButton } from "#shared/ui/copy-button.tsx";

/** An event as the host tells it. */
export function EventJson({ id, event }: { id: string; event: PluginEvent }) {
  const t = useTranslations("events");
  const text = JSON.stringify(event, null, 2);
  return (
    <div id={id} className="mt-1.5 mb-1 flex items-start gap-1 rounded-md border border-line bg-muted p-1 pl-3">
      <pre className="min-w-0 flex-1 py-1.5 font-mono text-[13px] whitespace-pre-wrap wrap-anywhere">{text}</pre>
      <CopyButton text={text} label={t("copy")} />
    </div>
  );
}
