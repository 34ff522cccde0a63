import { useTranslations } from "use-intl";
import { classNames } from "./class-names.ts";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classNames("animate-pulse rounded-md bg-muted", className)} />;
}

/** Grey bars where text will be; says "loading" to screen readers. */
export function Loading({ rows = 3 }: { rows?: number }) {
  const t = useTranslations("common");
  return (
    <output className="flex flex-col gap-3 p-4">
      <span className="sr-only">{t("loading")}</span>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} className="h-12 w-full" />
      ))}
    </output>
  );
}
