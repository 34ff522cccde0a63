import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "./class-names.ts";

export const INPUT_CLASS =
  "h-9 w-full rounded-md border border-line-strong/60 bg-surface px-3 text-sm text-text read-only:bg-muted aria-invalid:border-bad";

interface FieldProps extends ComponentProps<"input"> {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  /** Over the end of the input, which leaves room for it. */
  adornment?: ReactNode;
}

/** A labelled input with its hint and its error. */
export function Field({ label, hint, error, adornment, className, ...props }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className={classNames("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          {...props}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
          className={classNames(INPUT_CLASS, adornment ? "pr-10" : null)}
        />
        {adornment}
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
