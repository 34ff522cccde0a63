import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { useLiveStatus } from "#shared/live/live-provider.tsx";

/** A connection that is back sooner than this was never worth a word, in milliseconds. */
const PATIENCE_MS = 1_500;

/** Announced when it appears: the place for it is always there. */
export function OfflineBar() {
  const status = useLiveStatus();
  return <output className="sticky top-12 z-20 block md:top-0">{status !== "live" && <OfflineNotice />}</output>;
}

function OfflineNotice() {
  const t = useTranslations("shell");
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <p className="flex items-center gap-2 bg-warn-soft px-4 py-2 text-[13px] text-warn">
      <WifiOff size={16} aria-hidden />
      {t("offline")}
    </p>
  );
}
