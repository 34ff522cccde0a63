import { createRoute, type OpenAPIHono, type z } from "@hono/zod-openapi";
import { loginSchema, meSchema, passwordChangeSchema, setupSchema } from "@toru/http-api";
import type { Identity } from "../identity/identity.ts";
import { clearedSessionCookie } from "../identity/session-cookie.ts";
import { problem } from "../problem.ts";
import { BODY_PROBLEMS, json, jsonBody, problems, USER_PROBLEMS } from "./answers.ts";
import { changePassword, signIn, signOut, setUp } from "../identity/sign-in.ts";
import { guard } from "./guard.ts";
import { signedIn, type ApiEnv } from "./request-context.ts";

const tags = ["auth"];
const SIGN_IN_PROBLEMS = [...BODY_PROBLEMS, "cross-origin", "too-many-attempts", "host-busy"] as const;

const login = createRoute({
  method: "post",
  path: "/api/auth/login",
  tags,
  summary: "Sign in; sets the session cookie",
  ...guard("open"),
  request: { body: jsonBody(loginSchema) },
  responses: { 200: json(meSchema, "Who is signed in now"), ...problems(...SIGN_IN_PROBLEMS, "wrong-credentials") },
});

const setup = createRoute({
  method: "post",
  path: "/api/auth/setup",
  tags,
  summary: "Create the first admin, named admin, with the token of the one-time link; signs in",
  ...guard("open"),
  request: { body: jsonBody(setupSchema) },
  responses: {
    201: json(meSchema, "The admin, signed in"),
    ...problems(...SIGN_IN_PROBLEMS, "wrong-setup-token", "setup-done"),
  },
});

const logout = createRoute({
  method: "post",
  path: "/api/auth/logout",
  tags,
  summary: "End the session of this cookie, if there is one",
  ...guard("open"),
  responses: { 204: { description: "No session any more" }, ...problems("cross-origin") },
});

const me = createRoute({
  method: "get",
  path: "/api/auth/me",
  tags,
  summary: "Who is signed in",
  ...guard("user"),
  responses: { 200: json(meSchema, "The caller"), ...problems(...USER_PROBLEMS) },
});

const password = createRoute({
  method: "post",
  path: "/api/auth/password",
  tags,
  summary: "Change the own password; ends all sessions of the account and begins a new one for this caller",
  ...guard("user"),
  request: { body: jsonBody(passwordChangeSchema) },
  responses: {
    204: { description: "Changed" },
    ...problems(...USER_PROBLEMS, ...SIGN_IN_PROBLEMS, "wrong-credentials", "no-account"),
  },
});

export function authRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(login, async (c) => {
    const { services, requestId } = c.env;
    const result = await signIn(services, c.env, c.req.valid("json"));
    if (!result.ok) return problem(result.code, { requestId, ...result.details });
    c.env.caller = result.identity;
    c.header("set-cookie", result.cookie);
    return c.json(meBody(result.identity), 200);
  });
  app.openapi(setup, async (c) => {
    const { services, requestId } = c.env;
    const result = await setUp(services, c.env, c.req.valid("json"));
    if (!result.ok) return problem(result.code, { requestId, ...result.details });
    c.env.caller = result.identity;
    c.header("set-cookie", result.cookie);
    return c.json(meBody(result.identity), 201);
  });
  app.openapi(logout, async (c) => {
    await signOut(c.env.services, c.env.caller);
    c.header("set-cookie", clearedSessionCookie(c.env.services.secure));
    return c.body(null, 204);
  });
  app.openapi(me, (c) => c.json(meBody(signedIn(c.env)), 200));
  app.openapi(password, async (c) => {
    const { services, requestId } = c.env;
    const result = await changePassword(services, c.env, signedIn(c.env), c.req.valid("json"));
    if (!result.ok) return problem(result.code, { requestId, ...result.details });
    if (result.cookie !== null) c.header("set-cookie", result.cookie);
    return c.body(null, 204);
  });
}

function meBody({ username, role, via, scope }: Identity): z.infer<typeof meSchema> {
  return { username, role, via, scope };
}
