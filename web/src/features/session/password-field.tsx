import { Eye, EyeOff } from "lucide-react";
import type { ComponentProps } from "react";
import { useTranslations } from "use-intl";
import { Field } from "#shared/ui/field.tsx";

interface PasswordFieldProps extends Omit<ComponentProps<typeof Field>, "type" | "adornment"> {
  isShown: boolean;
  /** Without it the field has no eye: it follows another. */
  onToggle?: () => void;
}

/** A labelled password with its rule, its error and an eye that shows what was typed. */
export function PasswordField({ isShown, onToggle, ...props }: PasswordFieldProps) {
  const t = useTranslations("session");
  const toggleLabel = isShown ? t("hidePassword") : t("showPassword");
  const eye = onToggle && (
    <button
      type="button"
      aria-label={toggleLabel}
      title={toggleLabel}
      onClick={onToggle}
      className="absolute inset-y-0 right-0 grid w-9 place-items-center rounded-md text-text-muted hover:text-text"
    >
      {isShown ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
    </button>
  );
  return (
    <Field autoCapitalize="none" spellCheck={false} {...props} type={isShown ? "text" : "password"} adornment={eye} />
  );
}
