import type { Me } from "@toru/http-api";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { request } from "#shared/api/request.ts";
import { Button } from "#shared/ui/button.tsx";
import { Field } from "#shared/ui/field.tsx";
import { FormProblem } from "./form-problem.tsx";
import { PasswordField } from "./password-field.tsx";
import { useBeginSession } from "./use-begin-session.ts";

export function SignInForm({ next }: { next: string }) {
  const t = useTranslations("session");
  const begin = useBeginSession();
  const [isShown, setShown] = useState(false);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [wasTried, setTried] = useState(false);
  const usernameInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);
  useEffect(() => usernameInput.current?.focus(), []);
  const signIn = useMutation({
    mutationFn: () => request<Me>("/api/auth/login", { method: "POST", body: { username, password } }),
    onSuccess: (me) => begin(me, next),
    onError: () => passwordInput.current?.select(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (signIn.isPending) return;
    setTried(true);
    if (username === "") usernameInput.current?.focus();
    else if (password === "") passwordInput.current?.focus();
    else signIn.mutate();
  };
  const missing = (value: string) => (wasTried && value === "" ? t("required") : null);
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      <FormProblem error={signIn.error} />
      <Field
        ref={usernameInput}
        label={t("username")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={username}
        onChange={(event) => setUsername(event.target.value)}
        error={missing(username)}
      />
      <PasswordField
        ref={passwordInput}
        label={t("password")}
        name="password"
        autoComplete="current-password"
        required
        isShown={isShown}
        onToggle={() => setShown(!isShown)}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={missing(password)}
      />
      <Button type="submit" variant="primary" aria-disabled={signIn.isPending}>
        {signIn.isPending ? t("signingIn") : t("signIn")}
      </Button>
    </form>
  );
}
