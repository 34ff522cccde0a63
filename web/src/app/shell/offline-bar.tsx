import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { useLiveStatus } from "#shared/live/live-provider.tsx";

/** A connection that is back sooner than this was never worth a word, in milliseconds. */
const PATIENCE_MS = 1_500;

export function OfflineBar() {
  const status = useLiveStatus();
  const t = useTranslations("shell");
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (status === "live") {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [status]);
  return (
    <div role="status">
      {isShown && (
        <p className="flex items-center gap-2 bg-warn-soft px-4 py-2 text-[13px] text-warn">
          <WifiOff size={16} aria-hidden />
          {t("offline")}
        </p>
      )}
    </div>
  );
}
