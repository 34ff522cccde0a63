import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

interface PageProps {
  title: ReactNode;
  /** Beside the title, or under it on phones. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the shell: its heading and its width. */
export function Page({ title, actions, children }: PageProps) {
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-5 px-4 py-5 md:px-6">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

export function Card({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={classNames("rounded-xl border border-line bg-surface", className)}>{children}</div>;
}
