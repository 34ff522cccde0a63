import type { ContentfulStatusCode } from "hono/utils/http-status";

export type WebhookErrorCode =
  | "forbidden"
  | "not_found"
  | "invalid"
  | "exists"
  | "too_large"
  | "too_many"
  | "bad_signature";

const STATUS: Record<WebhookErrorCode, ContentfulStatusCode> = {
  forbidden: 403,
  not_found: 404,
  invalid: 400,
  exists: 409,
  too_large: 413,
  too_many: 409,
  bad_signature: 401,
};

/** An answer other than success, for the client to read. It is no fault of the plugin. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): ContentfulStatusCode {
    return STATUS[this.code];
  }
}
