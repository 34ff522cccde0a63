import { useTranslations } from "use-intl";
import { bold } from "#shared/i18n/rich-tags.tsx";
import { useIsAdmin, useMe } from "#shared/session/session-queries.ts";
import { Page } from "#shared/ui/page.tsx";
import { PasswordSection } from "./account/password-section.tsx";
import { PreferencesSection } from "./account/preferences-section.tsx";
import { TokensSection } from "./account/tokens-section.tsx";
import { UsersSection } from "./account/users-section.tsx";

export function AccountPage() {
  const t = useTranslations("account");
  const me = useMe();
  const isAdmin = useIsAdmin();
  return (
    <Page title={t("title")}>
      {me !== null && (
        <p className="-mt-3 text-text-muted wrap-anywhere">
          {t.rich("signedInAs", {
            name: me.username,
            role: t(`role.${me.role}`),
            b: bold,
          })}
        </p>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <div className="flex min-w-0 flex-col gap-5">
          <PreferencesSection />
          <PasswordSection />
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <TokensSection />
          {isAdmin && <UsersSection />}
        </div>
      </div>
    </Page>
  );
}
