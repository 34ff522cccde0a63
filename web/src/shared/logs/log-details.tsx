import type { LogEntry } from "@toru/http-api";
import { Copy } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "#shared/ui/button.tsx";
import { LogMessage } from "./log-message.tsx";
import { useCopy } from "./use-copy.ts";

/** Everything that one line says, as a list. */
export function LogDetails({ entry, q }: { entry: LogEntry; q: string }) {
  const t = useTranslations("logs");
  const copy = useCopy();
  const { timestamp, plugin, error, fields = {} } = entry;
  return (
    <div className="ml-8 flex max-w-3xl flex-wrap items-start gap-3 rounded-md border border-line bg-surface p-3 whitespace-normal">
      <dl className="grid min-w-0 flex-1 max-sm:basis-full grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1 leading-5">
        <Field name={t("time")} value={timestamp} q="" />
        <Field name={t("plugin")} value={plugin} q="" />
        {error !== undefined && <Field name={t("error")} value={error} q={q} />}
        {Object.entries(fields).map(([name, value]) => (
          <Field
            key={name}
            name={name}
            value={typeof value === "string" ? value : JSON.stringify(value, null, 2)}
            q={q}
          />
        ))}
      </dl>
      <Button size="small" onClick={() => copy(JSON.stringify(entry, null, 2))}>
        <Copy size={14} aria-hidden />
        {t("copyLine")}
      </Button>
    </div>
  );
}

function Field({ name, value, q }: { name: string; value: string; q: string }) {
  return (
    <>
      <dt className="max-w-40 text-text-muted wrap-anywhere">{name}</dt>
      <dd className="whitespace-pre-wrap wrap-anywhere">
        <LogMessage text={value} q={q} />
      </dd>
    </>
  );
}
