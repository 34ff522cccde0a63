import type { LogWriter } from "@toru/core";
import type { Identity } from "./identity/identity.ts";
import { pathOf } from "./request-path.ts";

/** Longest path that is logged, in characters. */
const MAX_PATH_CHARACTERS = 500;

/** What follows the route in a path of a plugin: it may be a secret, as in addresses for webhooks. */
const INSIDE_PLUGIN = /^(\/plugins\/[^/]+|\/api\/plugins\/route\/[^/]+)\/.+$/;

/**
 * Lines of `host.log` about requests. They never hold a query, a header, a body or a path inside of a plugin: secrets
 * travel in those.
 */
export class HostLog {
  readonly #writer: LogWriter;

  constructor(writer: LogWriter) {
    this.#writer = writer;
  }

  /** A call that may have changed something, whatever came of it. */
  change(request: Request, requestId: string, status: number, caller: Identity | null): void {
    const fields = {
      ...fieldsOf(request, requestId),
      status,
      user: caller?.username ?? null,
      via: caller?.via ?? null,
    };
    void this.#writer.write({ level: "info", message: `${fields.method} ${fields.path} ${status}`, fields });
  }

  /** An answer of the 5xx kind that the host knows the reason of. */
  serverError(request: Request, requestId: string, status: number): void {
    const fields = { ...fieldsOf(request, requestId), status };
    void this.#writer.write({ level: "warn", message: `${fields.method} ${fields.path} ${status}`, fields });
  }

  /** `detail` may quote what the plugin sent wrong. */
  forwardFailed(
    request: Request,
    requestId: string,
    outcome: { plugin: string; code: string; status: number },
    detail: string,
  ): void {
    const fields = { ...fieldsOf(request, requestId), ...outcome };
    const message = `a request to the plugin ${outcome.plugin} failed: ${outcome.code}`;
    void this.#writer.write({ level: "warn", message, error: detail, fields });
  }

  /** What nobody expected. */
  fault(request: Request, requestId: string, error: unknown): void {
    const fields = fieldsOf(request, requestId);
    const message = `${fields.method} ${fields.path} failed`;
    void this.#writer.write({ level: "error", message, error: stackOf(error), fields });
  }

  complain(message: string, error: unknown): void {
    void this.#writer.write({ level: "warn", message, error: stackOf(error) });
  }
}

function fieldsOf(request: Request, requestId: string): { method: string; path: string; request_id: string } {
  const path = pathOf(request.url).replace(INSIDE_PLUGIN, "$1/…").slice(0, MAX_PATH_CHARACTERS);
  return { method: request.method, path, request_id: requestId };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
