import type { Identity } from "../identity/identity.ts";
import type { ServerPort } from "../http-options.ts";
import type { Services } from "../services.ts";

/** What the API knows of one request, besides the request. */
export interface RequestContext {
  readonly requestId: string;
  readonly request: Request;
  readonly server: ServerPort;
  /** Came by the control socket. */
  readonly local: boolean;
  readonly services: Services;
  /** Set by `guard`, and by signing in. */
  caller: Identity | null;
  /** Nobody expected what happened; its reason is in the log already. */
  isFault: boolean;
}

export interface ApiEnv {
  Bindings: RequestContext;
}

/** The caller of a route that only signed-in users reach. */
export function signedIn({ caller }: RequestContext): Identity {
  if (caller === null) throw new Error("a route that needs a caller was reached without one: it lacks its guard");
  return caller;
}
