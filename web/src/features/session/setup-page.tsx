import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { meQuery } from "#shared/session/session-queries.ts";
import { buttonClass } from "#shared/ui/button.tsx";
import { AuthPage } from "./auth-page.tsx";
import { SetupForm, type SetupRefusal } from "./setup-form.tsx";

const route = getRouteApi("/setup");

export function SetupPage() {
  const t = useTranslations("session");
  const { token } = route.useSearch();
  const { data: me, isPending } = useQuery(meQuery);
  // Of a token: another link that is opened here starts afresh.
  const [refused, setRefused] = useState<{ token: string; why: SetupRefusal } | null>(null);
  const why = refused !== null && refused.token === token ? refused.why : null;
  if (isPending) return null;
  if (me) {
    return (
      <Explanation title={t("alreadySignedInTitle")} link={<HomeLink />}>
        {t("alreadySignedInText")}
      </Explanation>
    );
  }
  if (token === undefined) {
    return (
      <Explanation title={t("noTokenTitle")} link={<SignInLink />}>
        {t("noTokenText")}
      </Explanation>
    );
  }
  if (why === null) {
    return (
      <AuthPage title={t("setupTitle")}>
        <SetupForm token={token} onRefused={(why) => setRefused({ token, why })} />
      </AuthPage>
    );
  }
  return (
    <Explanation title={t(`${why}Title`)} link={<SignInLink />}>
      {t(`${why}Text`)}
    </Explanation>
  );
}

function Explanation({ title, children, link }: { title: string; children: string; link: ReactNode }) {
  return (
    <AuthPage title={title}>
      <p role="alert" className="text-text-muted">
        {children}
      </p>
      {link}
    </AuthPage>
  );
}

function SignInLink() {
  const t = useTranslations("session");
  return (
    <Link to="/sign-in" className={buttonClass()}>
      {t("goToSignIn")}
    </Link>
  );
}

function HomeLink() {
  const t = useTranslations("common");
  return (
    <Link to="/" className={buttonClass({ variant: "primary" })}>
      {t("goHome")}
    </Link>
  );
}
