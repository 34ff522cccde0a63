import { Keyboard, Languages, LogOut, Monitor, Moon, PanelLeft, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { type Locale, useTranslations } from "use-intl";
import { LOCALES, useLocale } from "#shared/i18n/i18n-provider.tsx";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { useSignOut } from "#shared/session/use-sign-out.ts";
import type { PaletteCommand } from "./palette-command.ts";

const ICON = { size: 16, "aria-hidden": true } as const;

/** What a person sets for this browser, and the way out. */
export function usePanelCommands(onShowShortcuts: () => void): PaletteCommand[] {
  const t = useTranslations("palette");
  const ofShell = useTranslations("shell");
  const [, setTheme] = usePreference("theme");
  const [sidebar, setSidebar] = usePreference("sidebar");
  const [locale, setLocale] = useLocale();
  const signOut = useSignOut();
  const command = (id: string, label: string, icon: ReactNode, run: () => void, isQuiet = false): PaletteCommand => ({
    id,
    group: "panel",
    label,
    keywords: [],
    icon,
    isQuiet,
    run,
  });
  const theme = (value: "system" | "light" | "dark", name: string, icon: ReactNode) =>
    command(`theme:${value}`, t("theme", { name }), icon, () => setTheme(value), true);
  const language = (code: Locale) => {
    const label = t("language", { name: LOCALES[code] });
    return command(`language:${code}`, label, <Languages {...ICON} />, () => setLocale(code), true);
  };
  const languages = (Object.keys(LOCALES) as Locale[]).filter((code) => code !== locale);
  const isOpen = sidebar === "open";
  return [
    command("shortcuts", t("showShortcuts"), <Keyboard {...ICON} />, onShowShortcuts),
    command("sidebar", ofShell(isOpen ? "collapse" : "expand"), <PanelLeft {...ICON} />, () =>
      setSidebar(isOpen ? "collapsed" : "open"),
    ),
    theme("light", ofShell("themeLight"), <Sun {...ICON} />),
    theme("dark", ofShell("themeDark"), <Moon {...ICON} />),
    theme("system", ofShell("themeSystem"), <Monitor {...ICON} />),
    ...languages.map(language),
    command("sign-out", ofShell("signOut"), <LogOut {...ICON} />, signOut),
  ];
}
