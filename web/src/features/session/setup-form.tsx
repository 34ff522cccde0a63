import type { Me } from "@toru/http-api";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect } from "react";
import { useTranslations } from "use-intl";
import { request, RequestError } from "#shared/api/request.ts";
import { bold } from "#shared/i18n/rich-tags.tsx";
import { Button } from "#shared/ui/button.tsx";
import { FormProblem } from "./form-problem.tsx";
import { NewPasswordFields } from "./new-password-fields.tsx";
import { useBeginSession } from "./use-begin-session.ts";
import { fieldRefusal, useNewPassword } from "./use-new-password.ts";

/** Why the link does not create an admin. */
export type SetupRefusal = "wrongToken" | "setupDone";

const REFUSALS = new Map<string | null, SetupRefusal>([
  ["wrong-setup-token", "wrongToken"],
  ["setup-done", "setupDone"],
]);

interface SetupFormProps {
  token: string;
  onRefused: (why: SetupRefusal) => void;
}

export function SetupForm({ token, onRefused }: SetupFormProps) {
  const t = useTranslations("session");
  const begin = useBeginSession();
  const create = useMutation({
    mutationFn: (password: string) => request<Me>("/api/auth/setup", { method: "POST", body: { token, password } }),
    onSuccess: (me) => begin(me, "/welcome"),
    onError: (error) => {
      const why = error instanceof RequestError ? REFUSALS.get(error.code) : undefined;
      if (why !== undefined) onRefused(why);
    },
  });
  const refusal = fieldRefusal(create.error, "password");
  const { password, fields, check } = useNewPassword(refusal);
  const { passwordRef } = fields;
  useEffect(() => passwordRef.current?.focus(), [passwordRef]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending && check()) create.mutate(password);
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-text-muted">
        {t("setupIntro")} {t.rich("setupName", { b: bold })}
      </p>
      <FormProblem error={refusal === null ? create.error : null} />
      {/* For password managers: under which name to keep it. */}
      <input type="text" name="username" autoComplete="username" value="admin" readOnly hidden />
      <NewPasswordFields label={t("password")} state={fields} />
      <Button type="submit" variant="primary" aria-disabled={create.isPending}>
        {create.isPending ? t("creatingAdmin") : t("createAdmin")}
      </Button>
    </form>
  );
}
