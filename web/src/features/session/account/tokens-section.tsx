import type { Token } from "@toru/http-api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { request } from "#shared/api/request.ts";
import { code } from "#shared/i18n/rich-tags.tsx";
import { Button } from "#shared/ui/button.tsx";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { toast } from "#shared/ui/toast.ts";
import { tokensQuery } from "./account-queries.ts";
import { AccountSection } from "./account-section.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { NewTokenDialog } from "./new-token-dialog.tsx";
import { TokenRow } from "./token-row.tsx";

export function TokensSection() {
  const t = useTranslations("account.tokens");
  const [isAdding, setAdding] = useState(false);
  const [revoked, setRevoked] = useState<Token | null>(null);
  return (
    <AccountSection
      title={t("title")}
      intro={t.rich("intro", { code })}
      actions={
        <Button onClick={() => setAdding(true)}>
          <Plus size={16} aria-hidden />
          {t("add")}
        </Button>
      }
    >
      <TokenList onRevoke={setRevoked} />
      {isAdding && <NewTokenDialog onClose={() => setAdding(false)} />}
      {revoked !== null && <RevokeDialog token={revoked} onClose={() => setRevoked(null)} />}
    </AccountSection>
  );
}

function TokenList({ onRevoke }: { onRevoke: (token: Token) => void }) {
  const t = useTranslations("account.tokens");
  const { data: tokens, error, refetch } = useQuery(tokensQuery);
  if (tokens === undefined) {
    return error === null ? <Loading rows={1} /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  }
  if (tokens.length === 0) return <p className="text-text-muted">{t("none")}</p>;
  return (
    <ul aria-label={t("title")} className="flex flex-col divide-y divide-line">
      {tokens.map((token) => (
        <TokenRow key={token.id} token={token} onRevoke={() => onRevoke(token)} />
      ))}
    </ul>
  );
}

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const t = useTranslations("account.tokens");
  const client = useQueryClient();
  const { id, name } = token;
  const revoke = async () => {
    await request(`/api/tokens/${id}`, { method: "DELETE" });
    toast.success(t("revoked", { name }));
    await client.invalidateQueries(tokensQuery);
  };
  return (
    <ConfirmDialog title={t("revokeTitle", { name })} action={t("revoke")} onConfirm={revoke} onClose={onClose}>
      {t("revokeText")}
    </ConfirmDialog>
  );
}
