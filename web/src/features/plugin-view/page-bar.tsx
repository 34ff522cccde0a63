import type { ReactNode } from "react";
import { classNames } from "#shared/ui/class-names.ts";

const TONES = {
  bad: "bg-bad-soft text-bad",
  warn: "bg-warn-soft text-warn",
  brand: "bg-brand-soft text-brand",
} as const;

interface PageBarProps {
  tone: keyof typeof TONES;
  icon: ReactNode;
  title: string;
  actions?: ReactNode;
  /** Under the title. */
  children?: ReactNode;
}

/** Above a page that stays: it moves down, and nothing of it is covered. */
export function PageBar({ tone, icon, title, actions, children }: PageBarProps) {
  return (
    <div className={classNames("border-b border-line px-4 py-2 md:px-6", TONES[tone])}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="flex min-w-0 flex-1 basis-60 items-center gap-2 text-[13px] font-medium">
          <span className="shrink-0">{icon}</span>
          <span className="wrap-anywhere">{title}</span>
        </span>
        {actions && <span className="flex gap-2">{actions}</span>}
      </div>
      {children}
    </div>
  );
}
