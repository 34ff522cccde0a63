import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names.ts";

const VARIANTS = {
  primary: "bg-brand text-brand-text hover:bg-brand-hover border-transparent",
  plain: "bg-surface text-text border-line-strong/50 hover:bg-muted",
  ghost: "bg-transparent text-text border-transparent hover:bg-muted",
  danger: "bg-surface text-bad border-bad/50 hover:bg-bad-soft",
} as const;

const SIZES = {
  normal: "h-9 px-3 gap-2 text-sm",
  small: "h-7 px-2 gap-1.5 text-[13px]",
} as const;

interface LookProps {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
}

/** The look alone, for a link that should look like a button. */
export function buttonClass({ variant = "plain", size = "normal" }: LookProps = {}): string {
  return classNames(
    "inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap transition-colors",
    "disabled:opacity-50 disabled:pointer-events-none aria-disabled:opacity-50",
    VARIANTS[variant],
    SIZES[size],
  );
}

export function Button({ variant, size, className, ...props }: ComponentProps<"button"> & LookProps) {
  const look = { ...(variant && { variant }), ...(size && { size }) };
  return <button type="button" {...props} className={classNames(buttonClass(look), className)} />;
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  /** Said by screen readers and shown as a hint. */
  label: string;
  children: ReactNode;
  size?: keyof typeof SIZES;
}

export function IconButton({ label, children, size = "normal", className, ...props }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...props}
      className={classNames(
        "inline-grid shrink-0 place-items-center rounded-md text-text-muted hover:bg-muted hover:text-text disabled:opacity-50",
        size === "small" ? "size-7" : "size-9",
        className,
      )}
    >
      {children}
    </button>
  );
}
