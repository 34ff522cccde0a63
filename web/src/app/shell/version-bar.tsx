import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useHost } from "#shared/session/session-queries.ts";
import { Button } from "#shared/ui/button.tsx";

/** This page is of another version than the host that answers now: parts of it may not fit any more. */
export function VersionBar() {
  const host = useHost();
  return <output className="block">{host !== null && <NewVersion version={host.version} />}</output>;
}

function NewVersion({ version }: { version: string }) {
  const t = useTranslations("shell");
  const [first] = useState(version);
  if (version === first) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 bg-brand-soft px-4 py-2 text-[13px] text-brand">
      {t("newVersion")}
      <Button size="small" onClick={() => location.reload()}>
        <RefreshCw size={14} aria-hidden />
        {t("reload")}
      </Button>
    </p>
  );
}
