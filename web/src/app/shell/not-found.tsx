import { Link } from "@tanstack/react-router";
import { MapPinOff } from "lucide-react";
import { useTranslations } from "use-intl";
import { buttonClass } from "#shared/ui/button.tsx";
import { Notice } from "#shared/ui/notice.tsx";

export function NotFound() {
  const t = useTranslations("common");
  return (
    <Notice
      icon={<MapPinOff size={28} aria-hidden />}
      title={t("notFoundTitle")}
      actions={
        <Link to="/" className={buttonClass()}>
          {t("goHome")}
        </Link>
      }
    >
      {t("notFoundText")}
    </Notice>
  );
}
