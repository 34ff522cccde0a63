import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { refusal, type Access } from "../identity/access.ts";
import { LOCAL } from "../identity/identity.ts";
import { problem } from "../problem.ts";
import type { ApiEnv } from "./request-context.ts";

const MIB = 1024 * 1024;
/** Largest body of an API request, in MiB, where its route says nothing else. */
const MAX_BODY_MIB = 2;

function limitBody(maxMib: number): MiddlewareHandler<ApiEnv> {
  return bodyLimit({
    maxSize: maxMib * MIB,
    onError: (c) => {
      const { requestId } = c.env as ApiEnv["Bindings"] satisfies { requestId: string };
      return problem("body-too-large", {
        requestId,
        detail: `The body of this request may have at most ${maxMib} MiB.`,
      });
    },
  }) as MiddlewareHandler<ApiEnv>;
}

const SECURITY: Record<Access, Record<string, string[]>[]> = {
  open: [],
  user: [{ session: [] }, { token: [] }],
  admin: [{ session: [] }, { token: [] }],
};

/** Part of a route's declaration: who may use it, as middleware and as documented. */
export function guard(access: Access, maxBodyMib = MAX_BODY_MIB) {
  return { middleware: [admit(access), limitBody(maxBodyMib)], security: SECURITY[access] };
}

function admit(access: Access): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { services, local, requestId } = c.env;
    c.env.caller = local ? LOCAL : await services.identities.resolve(c.req.raw.headers);
    const refused = refusal(c.env.caller, access, c.req.raw, services.secure);
    if (refused !== null) return problem(refused.code, { requestId, detail: refused.detail });
    await next();
  };
}
