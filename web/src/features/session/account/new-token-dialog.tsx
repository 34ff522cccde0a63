import type { CreatedToken, NewToken, TokenScope } from "@toru/http-api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { request } from "#shared/api/request.ts";
import { Button } from "#shared/ui/button.tsx";
import { Dialog } from "#shared/ui/dialog.tsx";
import { useErrorText } from "#shared/ui/error-notice.tsx";
import { Field } from "#shared/ui/field.tsx";
import { tokensQuery } from "./account-queries.ts";
import { LabelledSelect } from "./labelled-select.tsx";
import { TokenSecret } from "./token-secret.tsx";

/** Days; null: no end. */
const LIFETIMES = [7, 30, 90, 365, null];
const USUAL_LIFETIME = 90;
const MAX_NAME_CHARACTERS = 100;

export function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations("account.tokens");
  const [created, setCreated] = useState<CreatedToken | null>(null);
  return (
    <Dialog title={created === null ? t("add") : t("secretTitle")} keepsOpen={created !== null} onClose={onClose}>
      {created === null ? (
        <NewTokenForm onCreated={setCreated} onCancel={onClose} />
      ) : (
        <TokenSecret token={created} onDone={onClose} />
      )}
    </Dialog>
  );
}

function NewTokenForm({ onCreated, onCancel }: { onCreated: (token: CreatedToken) => void; onCancel: () => void }) {
  const t = useTranslations("account.tokens");
  const required = useTranslations("session")("required");
  const cancel = useTranslations("common")("cancel");
  const textOf = useErrorText();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenScope>("read");
  const [days, setDays] = useState<number | null>(USUAL_LIFETIME);
  const [wasTried, setTried] = useState(false);
  const nameInput = useRef<HTMLInputElement>(null);
  const create = useMutation({
    mutationFn: (body: NewToken) => request<CreatedToken>("/api/tokens", { method: "POST", body }),
    onSuccess: (token) => {
      onCreated(token);
      void client.invalidateQueries(tokensQuery);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "") nameInput.current?.focus();
    else if (!create.isPending) create.mutate({ name: name.trim(), scope, expires_in_days: days });
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      <Field
        ref={nameInput}
        label={t("name")}
        hint={t("nameHint")}
        maxLength={MAX_NAME_CHARACTERS}
        autoComplete="off"
        required
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={wasTried && name.trim() === "" ? required : null}
      />
      <LabelledSelect
        label={t("scope.label")}
        value={scope}
        options={(["read", "manage"] as const).map((value) => ({ value, text: t(`scope.${value}`) }))}
        onChange={setScope}
      />
      <LabelledSelect
        label={t("expiry.label")}
        value={String(days)}
        options={LIFETIMES.map((count) => ({
          value: String(count),
          text: count === null ? t("expiry.never") : t("expiry.days", { count }),
        }))}
        onChange={(value) => setDays(value === "null" ? null : Number(value))}
      />
      {create.error !== null && (
        <p role="alert" className="text-[13px] text-bad">
          {textOf(create.error)}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel}>{cancel}</Button>
        <Button type="submit" variant="primary" aria-disabled={create.isPending}>
          {t("create")}
        </Button>
      </div>
    </form>
  );
}
