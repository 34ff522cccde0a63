import { useTranslations } from "use-intl";
import { RequestError } from "#shared/api/request.ts";
import { useErrorText } from "#shared/ui/error-notice.tsx";

/** Longest wait that is told in seconds. */
const MAX_SECONDS = 90;

/** What to tell a person whose password was not taken. */
export function useProblemText(): (error: unknown) => string {
  const t = useTranslations("session.problem");
  const textOf = useErrorText();
  const timeOf = (seconds: number) =>
    seconds <= MAX_SECONDS ? t("seconds", { count: seconds }) : t("minutes", { count: Math.ceil(seconds / 60) });
  return (error) => {
    if (!(error instanceof RequestError)) return textOf(error);
    switch (error.code) {
      case "wrong-credentials":
        return t("wrongCredentials");
      case "too-many-attempts":
        return error.retryAfter === null ? t("tooManyLater") : t("tooMany", { time: timeOf(error.retryAfter) });
      case "host-busy":
        return t("busy");
      default:
        return textOf(error);
    }
  };
}
