import type { ProblemCode } from "../problem-codes.ts";
import type { Identity } from "./identity.ts";
import { originOf } from "./same-origin.ts";

/** Who may use a route: anyone, whoever is signed in, or admins. */
export type Access = "open" | "user" | "admin";

export interface Refusal {
  code: Extract<ProblemCode, "unauthenticated" | "forbidden" | "read-only-token" | "cross-origin">;
  detail: string;
}

const UNAUTHENTICATED: Refusal = {
  code: "unauthenticated",
  detail: "Sign in, or send an API token as Authorization: Bearer toru_….",
};
const READ_ONLY: Refusal = {
  code: "read-only-token",
  detail: "This API token has the scope read, which allows only GET and HEAD. Use one of the scope manage.",
};
const CROSS_ORIGIN: Refusal = {
  code: "cross-origin",
  detail:
    "A request that changes something must come from the panel itself: its Origin must be the address of this host. Programs use an API token, which needs no Origin.",
};
const FORBIDDEN: Refusal = { code: "forbidden", detail: "You are signed in, but this needs the role admin." };

export function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/** Decides whether a request may pass; null where it may. `secure`: browsers reach the host by https only. */
export function refusal(
  caller: Identity | null,
  access: Access,
  request: { method: string; headers: Headers },
  secure: boolean,
): Refusal | null {
  const { method, headers } = request;
  if (access === "open") return caller?.via === "local" || isSafe(method) ? null : openRefusal(caller, headers, secure);
  if (caller === null) return UNAUTHENTICATED;
  if (caller.scope === "read" && method !== "GET" && method !== "HEAD") return READ_ONLY;
  if (caller.via === "session" && !isSafe(method) && originOf(headers, secure) !== "same") return CROSS_ORIGIN;
  return access === "admin" && caller.role !== "admin" ? FORBIDDEN : null;
}

/** Signing in from another site would sign a person in as somebody else. */
function openRefusal(caller: Identity | null, headers: Headers, secure: boolean): Refusal | null {
  const origin = originOf(headers, secure);
  return origin === "cross" || (origin === "unknown" && caller?.via === "session") ? CROSS_ORIGIN : null;
}
