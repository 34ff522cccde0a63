import { classNames } from "#shared/ui/class-names.ts";

/** Text of a program, as it is; the keyboard reaches it, too. */
export function ScrollingCode({ label, children, className }: { label: string; children: string; className: string }) {
  return (
    <section
      aria-label={label}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be focused
      tabIndex={0}
      className={classNames("overflow-auto text-left", className)}
    >
      <pre className="font-mono text-xs whitespace-pre">{children}</pre>
    </section>
  );
}
