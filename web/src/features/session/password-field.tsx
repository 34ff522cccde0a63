import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "#shared/ui/class-names.ts";
import { INPUT_CLASS } from "#shared/ui/field.tsx";

interface PasswordFieldProps extends Omit<ComponentProps<"input">, "type"> {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  isShown: boolean;
  /** Without it the field has no eye: it follows another. */
  onToggle?: () => void;
}

/** A labelled password with its rule, its error and an eye that shows what was typed. */
export function PasswordField({ label, hint, error, isShown, onToggle, ...props }: PasswordFieldProps) {
  const t = useTranslations("session");
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  const toggleLabel = isShown ? t("hidePassword") : t("showPassword");
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          autoCapitalize="none"
          spellCheck={false}
          {...props}
          id={id}
          type={isShown ? "text" : "password"}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
          className={classNames(INPUT_CLASS, onToggle && "pr-10")}
        />
        {onToggle && (
          <button
            type="button"
            aria-label={toggleLabel}
            title={toggleLabel}
            onClick={onToggle}
            className="absolute inset-y-0 right-0 grid w-9 place-items-center rounded-md text-text-muted hover:text-text"
          >
            {isShown ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
          </button>
        )}
      </div>
      {hint && (
        <p id={`${id}-hint`} className="text-[13px] text-text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
