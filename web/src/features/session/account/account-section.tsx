import { type ReactNode, useId } from "react";
import { Card } from "#shared/ui/page.tsx";

interface AccountSectionProps {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function AccountSection({ title, intro, actions, children }: AccountSectionProps) {
  const id = useId();
  return (
    <Card>
      <section aria-labelledby={id} className="flex flex-col gap-4 p-4 md:p-5">
        <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
          <div className="min-w-0 flex-1 basis-48">
            <h2 id={id} className="text-base font-semibold">
              {title}
            </h2>
            {intro && <p className="mt-0.5 text-[13px] text-text-muted">{intro}</p>}
          </div>
          {actions}
        </div>
        {children}
      </section>
    </Card>
  );
}
