import { CircleCheck, LoaderCircle, PowerOff } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { conditionOf } from "#shared/plugins/plugin-condition.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";

/** One quiet line where nothing needs a person. */
export function CalmLine({ plugins }: { plugins: InstalledPlugin[] }) {
  const t = useTranslations("home");
  const changing = plugins.filter((plugin) => conditionOf(plugin) !== "running").length;
  if (plugins.length === 0) {
    return <Line icon={<PowerOff size={18} aria-hidden className="text-text-muted" />}>{t("noneEnabled")}</Line>;
  }
  if (changing > 0) {
    const icon = <LoaderCircle size={18} aria-hidden className="animate-spin text-warn" />;
    return <Line icon={icon}>{t("someStarting", { count: changing })}</Line>;
  }
  const icon = <CircleCheck size={18} aria-hidden className="text-good" />;
  return <Line icon={icon}>{t("allRunning", { count: plugins.length })}</Line>;
}

function Line({ icon, children }: { icon: ReactNode; children: string }) {
  return (
    <output className="-mt-2 flex items-center gap-2 text-text-muted">
      {icon}
      {children}
    </output>
  );
}
