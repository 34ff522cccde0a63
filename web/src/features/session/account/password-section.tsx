import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { request, RequestError } from "#shared/api/request.ts";
import { useMe } from "#shared/session/session-queries.ts";
import { Button } from "#shared/ui/button.tsx";
import { toast } from "#shared/ui/toast.ts";
import { FormProblem } from "../form-problem.tsx";
import { NewPasswordFields } from "../new-password-fields.tsx";
import { PasswordField } from "../password-field.tsx";
import { fieldRefusal, useNewPassword } from "../use-new-password.ts";
import { AccountSection } from "./account-section.tsx";

export function PasswordSection() {
  const t = useTranslations("account.password");
  return (
    <AccountSection title={t("title")} intro={t("sessions")}>
      <PasswordForm />
    </AccountSection>
  );
}

function PasswordForm() {
  const t = useTranslations("account.password");
  const required = useTranslations("session")("required");
  const me = useMe();
  const [isShown, setShown] = useState(false);
  const [current, setCurrent] = useState("");
  const [wasTried, setTried] = useState(false);
  const currentInput = useRef<HTMLInputElement>(null);
  const change = useMutation({
    mutationFn: (body: { current_password: string; new_password: string }) =>
      request("/api/auth/password", { method: "POST", body }),
    onSuccess: () => {
      toast.success(t("changed"));
      setCurrent("");
      setTried(false);
      clear();
    },
    onError: () => currentInput.current?.select(),
  });
  const { error } = change;
  const isWrong = error instanceof RequestError && error.code === "wrong-credentials";
  const refusal = fieldRefusal(error, "new_password");
  const { password, fields, check, clear } = useNewPassword(refusal);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const hasCurrent = current !== "";
    if (!hasCurrent) currentInput.current?.focus();
    if (check({ focus: hasCurrent }) && hasCurrent && !change.isPending)
      change.mutate({ current_password: current, new_password: password });
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      <FormProblem error={isWrong || refusal !== null ? null : error} />
      {/* For password managers: whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={me?.username ?? ""} readOnly hidden />
      <PasswordField
        ref={currentInput}
        label={t("current")}
        name="current-password"
        autoComplete="current-password"
        required
        isShown={isShown}
        onToggle={() => setShown(!isShown)}
        value={current}
        onChange={(event) => {
          setCurrent(event.target.value);
          change.reset();
        }}
        error={isWrong ? t("wrongCurrent") : wasTried && current === "" ? required : null}
      />
      <NewPasswordFields label={t("new")} state={fields} />
      <Button type="submit" className="self-start" aria-disabled={change.isPending}>
        {t("change")}
      </Button>
    </form>
  );
}
