import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, CircleUser, House, Settings2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useIsAdmin } from "#shared/session/session-queries.ts";
import type { PaletteCommand } from "./palette-command.ts";

const ICON = { size: 16, "aria-hidden": true } as const;

type PagePath = "/" | "/plugins-manager" | "/events" | "/account";

/** The panel's own pages. */
export function usePageCommands(): PaletteCommand[] {
  const t = useTranslations("shell");
  const navigate = useNavigate();
  const isAdmin = useIsAdmin();
  const page = (to: PagePath, label: string, icon: ReactNode): PaletteCommand => ({
    id: `page:${to}`,
    group: "pages",
    label,
    keywords: [],
    icon,
    run: () => void navigate({ to }),
  });
  return [
    page("/", t("home"), <House {...ICON} />),
    page("/plugins-manager", t("pluginManager"), <Settings2 {...ICON} />),
    ...(isAdmin ? [page("/events", t("events"), <CalendarClock {...ICON} />)] : []),
    page("/account", t("account"), <CircleUser {...ICON} />),
  ];
}
