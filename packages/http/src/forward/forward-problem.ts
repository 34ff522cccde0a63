import type { ForwardError, ForwardErrorCode } from "@toru/core";
import type { ProblemCode } from "../problem-codes.ts";
import type { ProblemDetails } from "../problem.ts";

/** What the client sees of a request that a plugin did not answer. */
export const FORWARD_PROBLEMS = {
  not_available: "plugin-not-available",
  not_ready: "plugin-not-ready",
  died: "plugin-died",
  protocol_error: "plugin-protocol-error",
  plugin_error: "plugin-error",
  timeout: "plugin-timeout",
  too_large: "body-too-large",
  not_text: "body-not-text",
  busy: "plugin-busy",
  unsupported: "plugin-unsupported",
  cancelled: "client-closed",
} as const satisfies Record<ForwardErrorCode, ProblemCode>;

const DEFAULT_RETRY_MS = 1_000;

export function forwardDetails(error: ForwardError, plugin: string, requestId: string): ProblemDetails {
  const mayRetry = error.code === "not_ready" || error.code === "busy";
  const retryAfterMs = mayRetry ? (error.retryAfterMs ?? DEFAULT_RETRY_MS) : undefined;
  return { requestId, plugin, detail: error.message, retryAfterMs };
}
