import { classNames } from "./class-names.ts";

interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

export function Switch({ label, checked, onChange, disabled }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={() => onChange(!checked)}
      className={classNames(
        // Fingers may miss it by a little.
        "relative inline-flex h-5 w-9 before:absolute before:-inset-2 shrink-0 items-center rounded-full border transition-colors disabled:opacity-50",
        checked ? "border-transparent bg-brand" : "border-line-strong bg-muted",
      )}
    >
      <span
        className={classNames(
          "size-3.5 rounded-full transition-transform",
          checked ? "translate-x-[18px] bg-brand-text" : "translate-x-[3px] bg-line-strong",
        )}
      />
    </button>
  );
}
