import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { code } from "#shared/i18n/rich-tags.tsx";
import { meQuery } from "#shared/session/session-queries.ts";
import { AuthPage } from "./auth-page.tsx";
import { SignInForm } from "./sign-in-form.tsx";

const route = getRouteApi("/sign-in");

/** Leads on to `next`, also whoever is signed in already. */
export function SignInPage() {
  const t = useTranslations("session");
  const router = useRouter();
  const { next = "/", ended } = route.useSearch();
  const { data: me, isPending } = useQuery(meQuery);
  const isSignedIn = me !== null && me !== undefined;
  useEffect(() => {
    if (isSignedIn) router.history.replace(next);
  }, [isSignedIn, next, router]);
  if (isPending || isSignedIn) return null;
  return (
    <AuthPage title={t("signInTitle")} footer={t.rich("firstStart", { code })}>
      {ended && (
        <output className="rounded-md bg-warn-soft px-3 py-2 text-[13px] text-warn">{t("sessionEnded")}</output>
      )}
      <SignInForm next={next} />
    </AuthPage>
  );
}
