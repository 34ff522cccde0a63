/** The name with its sign: a gate. */
export function Logo({ isSmall = false }: { isSmall?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2 font-semibold">
      <svg viewBox="0 0 32 32" className="size-7 shrink-0" aria-hidden={!isSmall} role="img" aria-label="Toru">
        <rect width="32" height="32" rx="8" fill="#493FAA" />
        <path d="M6 9.5h20M9 14.5h14M11 9.5V25M21 9.5V25" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      </svg>
      {!isSmall && <span className="text-[15px] tracking-tight">Toru</span>}
    </span>
  );
}
