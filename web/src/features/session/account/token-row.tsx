import type { Token } from "@toru/http-api";
import { useFormatter, useTranslations } from "use-intl";
import { useNow } from "#shared/plugins/use-now.ts";
import { Button } from "#shared/ui/button.tsx";
import { classNames } from "#shared/ui/class-names.ts";

export function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const t = useTranslations("account.tokens");
  const format = useFormatter();
  const now = useNow();
  const { name, scope, created_at, expires_at, last_used_at } = token;
  const dateOf = (at: string) => format.dateTime(new Date(at), { dateStyle: "medium" });
  const isExpired = expires_at !== null && Date.parse(expires_at) <= now;
  const used = last_used_at === null ? null : Math.min(Date.parse(last_used_at), now);
  return (
    <li className="flex items-center gap-3 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className={classNames("font-medium wrap-anywhere", isExpired && "text-text-muted line-through")}>
            {name}
          </span>
          <span className="rounded-full bg-muted px-2 text-[13px] text-text-muted">{t(`scopeShort.${scope}`)}</span>
        </p>
        <p className="flex flex-wrap gap-x-3 text-[13px] text-text-muted">
          <span>{t("created", { date: dateOf(created_at) })}</span>
          <span className={isExpired ? "text-bad" : ""}>
            {expires_at === null
              ? t("neverExpires")
              : t(isExpired ? "expired" : "expires", { date: dateOf(expires_at) })}
          </span>
          <span>{used === null ? t("neverUsed") : t("used", { ago: format.relativeTime(used, now) })}</span>
        </p>
      </div>
      <Button variant="danger" size="small" aria-label={t("revokeNamed", { name })} onClick={onRevoke}>
        {t("revoke")}
      </Button>
    </li>
  );
}
