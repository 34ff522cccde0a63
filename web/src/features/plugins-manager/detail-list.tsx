import { type ReactNode, useId } from "react";

/** A name and what it is; null: nothing is known. */
export type Detail = [name: string, value: ReactNode];

export function DetailList({ title, details }: { title: string; details: Detail[] }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-1.5">
      <h3 id={id} className="text-[13px] font-semibold">
        {title}
      </h3>
      <dl className="divide-y divide-line rounded-md border border-line text-[13px]">
        {details.map(([name, value]) => (
          <div key={name} className="flex min-h-8 flex-wrap items-center gap-x-3 px-3 py-1">
            <dt className="w-32 shrink-0 text-text-muted">{name}</dt>
            <dd className="min-w-0 flex-1 basis-40 wrap-anywhere">{value ?? "–"}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
