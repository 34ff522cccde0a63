import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { RequestError } from "#shared/api/request.ts";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";

/** A page that failed leaves the rest of the panel as it is. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const t = useTranslations("shell");
  const { reset: resetQueries } = useQueryErrorResetBoundary();
  const retry = () => {
    resetQueries();
    reset();
    void router.invalidate();
  };
  const title = error instanceof RequestError ? {} : { title: t("pageFailed") };
  return <ErrorNotice error={error} {...title} onRetry={retry} />;
}
