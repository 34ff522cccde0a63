import type { Problem } from "@toru/http-api";
import type { TypedResponse } from "hono";
import type { StatusCode } from "hono/utils/http-status";
import { PROBLEMS, type ProblemCode, type ProblemStatus } from "./problem-codes.ts";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

export interface ProblemDetails {
  requestId: string;
  /** For people: what happened, why, and what to do next. Nothing internal. */
  detail: string;
  plugin?: string | undefined;
  errors?: { field: string; message: string }[];
  /** Becomes `Retry-After`, in whole seconds, rounded up. */
  retryAfterMs?: number | undefined;
  /** Becomes `Allow`. */
  allow?: string;
}

/** The type tells the routes' declarations which status it has. */
export type ProblemResponse<C extends ProblemCode> = Response &
  TypedResponse<Problem, Extract<ProblemStatus<C>, StatusCode>, "json">;

/** An error answer of the host, by RFC 9457. */
export function problem<C extends ProblemCode>(code: C, details: ProblemDetails): ProblemResponse<C> {
  const { status, title } = PROBLEMS[code];
  const { requestId, detail, plugin, errors } = details;
  const body: Problem = {
    type: `/problems/${code}`,
    title,
    status,
    detail,
    ...(plugin === undefined ? {} : { plugin }),
    request_id: requestId,
    ...(errors === undefined ? {} : { errors }),
  };
  const response = new Response(JSON.stringify(body), { status, headers: headersOf(status, details) });
  return response as ProblemResponse<C>;
}

/** For what nobody expected: the reason stays in the log. */
export function internalProblem(requestId: string): ProblemResponse<"internal"> {
  return problem("internal", { requestId, detail: "The host failed; its log has the reason under this request id." });
}

function headersOf(status: number, { requestId, retryAfterMs, allow }: ProblemDetails): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": PROBLEM_MEDIA_TYPE,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
  };
  if (status === 401) headers["www-authenticate"] = "Bearer";
  if (retryAfterMs !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  if (allow !== undefined) headers["allow"] = allow;
  return headers;
}
