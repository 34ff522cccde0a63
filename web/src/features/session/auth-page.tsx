import type { ReactNode } from "react";
import { type Locale, useTranslations } from "use-intl";
import { LOCALES, useLocale } from "#shared/i18n/i18n-provider.tsx";
import { Logo } from "#shared/ui/logo.tsx";
import { Select } from "#shared/ui/select.tsx";

interface AuthPageProps {
  title: string;
  children: ReactNode;
  /** Under the card. */
  footer?: ReactNode;
}

/** The look of the pages before the sign-in: one card in the middle. */
export function AuthPage({ title, children, footer }: AuthPageProps) {
  const t = useTranslations("shell");
  const [locale, setLocale] = useLocale();
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[26rem] flex-col px-4 py-6">
      <div className="my-auto flex flex-col gap-5 py-6">
        <div className="flex justify-center">
          <Logo />
        </div>
        <section className="flex flex-col gap-5 rounded-xl border border-line bg-surface p-6 shadow-(--toru-shadow) max-sm:p-5">
          <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
          {children}
        </section>
        {footer && <p className="px-2 text-center text-[13px] text-balance text-text-muted">{footer}</p>}
      </div>
      <div className="flex justify-center">
        <Select
          label={t("language")}
          value={locale}
          onChange={(event) => setLocale(event.target.value as Locale)}
          className="text-[13px] text-text-muted"
        >
          {Object.entries(LOCALES).map(([code, name]) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </Select>
      </div>
    </main>
  );
}
