import { useTranslations } from "use-intl";
import { PasswordField } from "./password-field.tsx";
import { MIN_PASSWORD_CHARACTERS, type NewPasswordFieldsState } from "./use-new-password.ts";

/** A new password twice, or once where it is shown; its rule is said before. */
export function NewPasswordFields({ label, state }: { label: string; state: NewPasswordFieldsState }) {
  const { value, onChange, problem, passwordRef, repeatedRef } = state;
  const t = useTranslations("session");
  return (
    <>
      <PasswordField
        ref={passwordRef}
        label={label}
        name="new-password"
        autoComplete="new-password"
        required
        hint={t("passwordRule", { count: String(MIN_PASSWORD_CHARACTERS) })}
        isShown={value.isShown}
        onToggle={() => onChange({ ...value, isShown: !value.isShown })}
        value={value.password}
        onChange={(event) => onChange({ ...value, password: event.target.value })}
        error={problem?.field === "password" ? problem.text : null}
      />
      {!value.isShown && (
        <PasswordField
          ref={repeatedRef}
          label={t("repeatPassword")}
          name="repeat-password"
          autoComplete="new-password"
          required
          isShown={false}
          value={value.repeated}
          onChange={(event) => onChange({ ...value, repeated: event.target.value })}
          error={problem?.field === "repeated" ? problem.text : null}
        />
      )}
    </>
  );
}
