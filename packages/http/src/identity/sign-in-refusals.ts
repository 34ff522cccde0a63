import type { ProblemCode } from "../problem-codes.ts";
import type { ProblemDetails } from "../problem.ts";

/** Why somebody was not signed in, as the answer says it. */
export interface Refused<C extends ProblemCode> {
  ok: false;
  code: C;
  details: Omit<ProblemDetails, "requestId">;
}

const BUSY_RETRY_MS = 2_000;

export const WRONG_CREDENTIALS: Refused<"wrong-credentials"> = {
  ok: false,
  code: "wrong-credentials",
  details: { detail: "No account has this name and this password." },
};

export function throttled(retryAfterMs: number): Refused<"too-many-attempts"> {
  const minutes = Math.max(1, Math.ceil(retryAfterMs / 60_000));
  const detail = `Too many attempts failed for this name or from this address. Try again in ${minutes} min.`;
  return { ok: false, code: "too-many-attempts", details: { detail, retryAfterMs } };
}

export function busy(): Refused<"host-busy"> {
  const detail = "Too many passwords are being checked at this moment. Try again in a few seconds.";
  return { ok: false, code: "host-busy", details: { detail, retryAfterMs: BUSY_RETRY_MS } };
}

/** The caller's account is not one with a password. */
export function withoutAccount(): Refused<"no-account"> {
  return {
    ok: false,
    code: "no-account",
    details: { detail: "The caller has no account whose password could change." },
  };
}
