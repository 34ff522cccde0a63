import { Link } from "@tanstack/react-router";
import { CircleUser, LogOut } from "lucide-react";
import { useId, useRef } from "react";
import { type Locale, useTranslations } from "use-intl";
import { LOCALES, useLocale } from "#shared/i18n/i18n-provider.tsx";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { useMe } from "#shared/session/session-queries.ts";
import { useSignOut } from "#shared/session/use-sign-out.ts";
import { Button, buttonClass } from "#shared/ui/button.tsx";
import { classNames } from "#shared/ui/class-names.ts";
import { Select } from "#shared/ui/select.tsx";

/** Who is signed in, and what a person sets for this browser. A popover: Escape and a click beside it close it. */
export function UserMenu({ isCollapsed }: { isCollapsed: boolean }) {
  const t = useTranslations("shell");
  const roleText = useTranslations("account.role");
  const me = useMe();
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const [theme, setTheme] = usePreference("theme");
  const [locale, setLocale] = useLocale();
  const signOut = useSignOut();
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        title={t("userMenu")}
        className="flex h-9 w-full items-center gap-2.5 rounded-md px-2.5 text-text-muted hover:bg-muted hover:text-text"
      >
        <CircleUser size={18} aria-hidden className="shrink-0" />
        {!isCollapsed && <span className="truncate">{me?.username}</span>}
        <span className="sr-only">{t("userMenu")}</span>
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        className="fixed top-auto right-auto bottom-14 left-2 m-0 w-60 rounded-xl border border-line bg-raised p-3 text-text shadow-(--toru-shadow)"
      >
        <div className="flex flex-col gap-3">
          <p className="truncate px-1 text-[13px] text-text-muted">
            {me !== null && `${me.username} · ${roleText(me.role)}`}
          </p>
          <label className="flex items-center justify-between gap-2 px-1">
            {t("theme")}
            <Select label={t("theme")} value={theme} onChange={(event) => setTheme(event.target.value as typeof theme)}>
              <option value="system">{t("themeSystem")}</option>
              <option value="light">{t("themeLight")}</option>
              <option value="dark">{t("themeDark")}</option>
            </Select>
          </label>
          <label className="flex items-center justify-between gap-2 px-1">
            {t("language")}
            <Select label={t("language")} value={locale} onChange={(event) => setLocale(event.target.value as Locale)}>
              {Object.entries(LOCALES).map(([code, name]) => (
                <option key={code} value={code}>
                  {name}
                </option>
              ))}
            </Select>
          </label>
          <div className="flex gap-2">
            <Link
              to="/account"
              onClick={() => menu.current?.hidePopover()}
              className={classNames(buttonClass({ size: "small" }), "flex-1")}
            >
              {t("account")}
            </Link>
            <Button size="small" className="flex-1" onClick={signOut}>
              <LogOut size={14} aria-hidden />
              {t("signOut")}
            </Button>
          </div>
        </div>
      </div>
    </>
  );
}
