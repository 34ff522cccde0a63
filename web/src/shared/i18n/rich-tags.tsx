import type { ReactNode } from "react";

/** What tags in texts become; for `t.rich`. */
export function bold(chunks: ReactNode) {
  return <strong className="font-semibold text-text">{chunks}</strong>;
}

export function code(chunks: ReactNode) {
  return <code className="font-mono text-[0.95em] wrap-anywhere text-text">{chunks}</code>;
}
