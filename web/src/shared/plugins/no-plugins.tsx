import { PackagePlus } from "lucide-react";
import { useTranslations } from "use-intl";
import { code } from "#shared/i18n/rich-tags.tsx";
import { Notice } from "#shared/ui/notice.tsx";

/** Where no plugin is installed: how to add one. */
export function NoPlugins() {
  const t = useTranslations("home.noPlugins");
  return (
    <Notice icon={<PackagePlus size={28} aria-hidden />} title={t("title")}>
      <p>{t.rich("text", { code })}</p>
    </Notice>
  );
}
