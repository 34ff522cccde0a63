import type { ComponentProps } from "react";
import { classNames } from "./class-names.ts";

/** The browser's own select: it works on phones, with the keyboard and with screen readers. */
export function Select({ label, className, ...props }: ComponentProps<"select"> & { label: string }) {
  return (
    <select
      aria-label={label}
      title={label}
      {...props}
      className={classNames(
        "h-9 rounded-md border border-line-strong/60 bg-surface px-2 text-sm text-text disabled:opacity-50",
        className,
      )}
    />
  );
}
