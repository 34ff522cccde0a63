import type { ListedUser, NewUser, Role } from "@toru/http-api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { request, RequestError } from "#shared/api/request.ts";
import { Button } from "#shared/ui/button.tsx";
import { Dialog } from "#shared/ui/dialog.tsx";
import { Field } from "#shared/ui/field.tsx";
import { toast } from "#shared/ui/toast.ts";
import { FormProblem } from "../form-problem.tsx";
import { NewPasswordFields } from "../new-password-fields.tsx";
import { fieldRefusal, useNewPassword } from "../use-new-password.ts";
import { usersQuery } from "./account-queries.ts";
import { LabelledSelect } from "./labelled-select.tsx";

/** As the host wants it. */
const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function NewUserDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations("account.users");
  return (
    <Dialog title={t("add")} onClose={onClose}>
      <NewUserForm onClose={onClose} />
    </Dialog>
  );
}

function NewUserForm({ onClose }: { onClose: () => void }) {
  const t = useTranslations("account");
  const ofSession = useTranslations("session");
  const cancel = useTranslations("common")("cancel");
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("user");
  const [wasTried, setTried] = useState(false);
  const usernameInput = useRef<HTMLInputElement>(null);
  const create = useCreateUser(onClose);
  const isTaken = create.error instanceof RequestError && create.error.code === "username-taken";
  const refusal = fieldRefusal(create.error, "password");
  const { password, fields, check } = useNewPassword(refusal);
  const isNamed = USERNAME.test(username);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isNamed) usernameInput.current?.focus();
    if (check({ focus: isNamed }) && isNamed && !create.isPending) create.mutate({ username, password, role });
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      <FormProblem error={isTaken || refusal !== null ? null : create.error} />
      <Field
        ref={usernameInput}
        label={ofSession("username")}
        hint={t("users.nameHint")}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={username}
        onChange={(event) => {
          setUsername(event.target.value);
          create.reset();
        }}
        error={isTaken ? t("users.nameTaken") : wasTried && !isNamed ? t("users.nameInvalid") : null}
      />
      <LabelledSelect
        label={t("users.role")}
        value={role}
        options={(["user", "admin"] as const).map((value) => ({ value, text: t(`role.${value}`) }))}
        onChange={setRole}
      />
      <NewPasswordFields label={ofSession("password")} state={fields} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{cancel}</Button>
        <Button type="submit" variant="primary" aria-disabled={create.isPending}>
          {t("users.add")}
        </Button>
      </div>
    </form>
  );
}

function useCreateUser(onCreated: () => void) {
  const t = useTranslations("account.users");
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewUser) => request<ListedUser>("/api/users", { method: "POST", body }),
    onSuccess: ({ username }) => {
      toast.success(t("added", { name: username }));
      void client.invalidateQueries(usersQuery);
      onCreated();
    },
  });
}
