import type { ReactNode } from "react";

interface NoticeProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** Announced at once. */
  alert?: boolean;
}

/** The one look of "nothing here", "no match" and "this failed": what, why, and what to do next. */
export function Notice({ icon, title, children, actions, alert = false }: NoticeProps) {
  return (
    <div
      role={alert ? "alert" : undefined}
      className="mx-auto flex max-w-md flex-col items-center gap-2 px-4 py-12 text-center"
    >
      {icon && <div className="mb-1 text-text-muted">{icon}</div>}
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="text-text-muted">{children}</div>}
      {actions && <div className="mt-3 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
