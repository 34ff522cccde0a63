import { Hourglass } from "lucide-react";
import { useTranslations } from "use-intl";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { Notice } from "#shared/ui/notice.tsx";

/** Before the plugin runs: its page follows by itself. */
export function StartingPage({ plugin }: { plugin: InstalledPlugin }) {
  const t = useTranslations("view");
  const { name, status } = plugin;
  const title = status === "stopping" ? t("stopping", { name }) : t("starting", { name });
  return (
    <output className="block">
      <Notice icon={<Hourglass size={28} aria-hidden />} title={title}>
        {status !== "stopping" && t("startingText")}
      </Notice>
    </output>
  );
}
