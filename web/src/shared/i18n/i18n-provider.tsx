import { type ReactNode, useEffect, useState } from "react";
import { IntlProvider, type Locale, type Messages } from "use-intl";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { en } from "./messages/en/index.ts";

export const LOCALES = { en: "English", pl: "Polski" } as const satisfies Record<Locale, string>;

/** English is in the first download; another language follows when it is wanted. */
const LOADERS: Record<Locale, () => Promise<Messages>> = {
  en: async () => en,
  pl: async () => (await import("./messages/pl/index.ts")).pl as Messages,
};

export function useLocale(): [Locale, (locale: Locale) => void] {
  const [chosen, choose] = usePreference("locale");
  // What is remembered may be of another version of the panel.
  return [chosen !== null && chosen in LOCALES ? chosen : fromBrowser(), choose];
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [locale] = useLocale();
  const [loaded, setLoaded] = useState<{ locale: Locale; messages: Messages } | null>(
    locale === "en" ? { locale, messages: en } : null,
  );
  useEffect(() => {
    let isWanted = true;
    void LOADERS[locale]()
      .catch((error: unknown) => {
        console.error(`The texts of "${locale}" did not load; English stays:`, error);
        return en;
      })
      .then((messages) => isWanted && setLoaded({ locale, messages }));
    document.documentElement.lang = locale;
    return () => {
      isWanted = false;
    };
  }, [locale]);
  if (loaded === null) return null;
  return (
    <IntlProvider locale={regional(loaded.locale)} messages={loaded.messages} timeZone={TIME_ZONE} onError={report}>
      {children}
    </IntlProvider>
  );
}

const TIME_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "en-GB" writes dates otherwise than "en-US": the browser knows which of them its owner reads. */
function regional(locale: Locale): Locale {
  return (navigator.languages.find((language) => language.startsWith(`${locale}-`)) ?? locale) as Locale;
}

function report(error: Error): void {
  console.error(error);
}

function fromBrowser(): Locale {
  const known = navigator.languages.map((language) => language.slice(0, 2).toLowerCase());
  return known.find((language): language is Locale => language in LOCALES) ?? "en";
}
