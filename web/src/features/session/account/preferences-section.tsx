import type { ReactNode } from "react";
import { type Locale, useTranslations } from "use-intl";
import { LOCALES, useLocale } from "#shared/i18n/i18n-provider.tsx";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { Select } from "#shared/ui/select.tsx";
import { Switch } from "#shared/ui/switch.tsx";
import { AccountSection } from "./account-section.tsx";

export function PreferencesSection() {
  const t = useTranslations("account.preferences");
  const ofShell = useTranslations("shell");
  const [theme, setTheme] = usePreference("theme");
  const [time, setTime] = usePreference("time");
  const [shortcuts, setShortcuts] = usePreference("shortcuts");
  const [locale, setLocale] = useLocale();
  return (
    <AccountSection title={t("title")} intro={t("intro")}>
      <div className="flex flex-col gap-3">
        <Row label={t("theme")}>
          <Select label={t("theme")} value={theme} onChange={(event) => setTheme(event.target.value as typeof theme)}>
            <option value="system">{ofShell("themeSystem")}</option>
            <option value="light">{ofShell("themeLight")}</option>
            <option value="dark">{ofShell("themeDark")}</option>
          </Select>
        </Row>
        <Row label={t("language")}>
          <Select label={t("language")} value={locale} onChange={(event) => setLocale(event.target.value as Locale)}>
            {Object.entries(LOCALES).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </Select>
        </Row>
        <Row label={t("time")}>
          <Select label={t("time")} value={time} onChange={(event) => setTime(event.target.value as typeof time)}>
            <option value="local">{t("timeLocal")}</option>
            <option value="utc">{t("timeUtc")}</option>
          </Select>
        </Row>
        <Row label={t("shortcuts")} hint={t("shortcutsHint")}>
          <Switch
            label={t("shortcuts")}
            checked={shortcuts === "on"}
            onChange={(isOn) => setShortcuts(isOn ? "on" : "off")}
          />
        </Row>
      </div>
    </AccountSection>
  );
}

/** What is set names itself, for screen readers too: the words beside it are for the eyes. */
function Row({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-center justify-between gap-4">
      <div className="min-w-0">
        <p>{label}</p>
        {hint && <p className="text-[13px] text-text-muted">{hint}</p>}
      </div>
      {children}
    </div>
  );
}
