import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiToken } from "@toru/core";
import { createdTokenSchema, newTokenSchema, tokenListSchema, type tokenSchema } from "@toru/http-api";
import { API_TOKEN_PREFIX, hashSecret, newSecret } from "../identity/secret-token.ts";
import { FIRST_ADMIN } from "../identity/sign-in.ts";
import { problem } from "../problem.ts";
import { BODY_PROBLEMS, json, jsonBody, problems, USER_PROBLEMS } from "./answers.ts";
import { guard } from "./guard.ts";
import { signedIn, type ApiEnv, type RequestContext } from "./request-context.ts";

const tags = ["tokens"];
const MS_PER_DAY = 24 * 3_600_000;
/** One spelling for each id, and none that loses digits as a number. */
const TOKEN_ID = /^[1-9]\d{0,14}$/;
const NO_ACCOUNT = `The control socket works for the account ${FIRST_ADMIN}, which does not exist. Create it first.`;

const list = createRoute({
  method: "get",
  path: "/api/tokens",
  tags,
  summary: "The caller's API tokens",
  ...guard("user"),
  responses: { 200: json(tokenListSchema, "Expired ones too"), ...problems(...USER_PROBLEMS, "no-account") },
});

const create = createRoute({
  method: "post",
  path: "/api/tokens",
  tags,
  summary: "Create an API token for the caller; the token itself is shown once",
  ...guard("user"),
  request: { body: jsonBody(newTokenSchema) },
  responses: {
    201: json(createdTokenSchema, "The token"),
    ...problems(...USER_PROBLEMS, ...BODY_PROBLEMS, "no-account"),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/api/tokens/{id}",
  tags,
  summary: "Delete one of the caller's API tokens",
  ...guard("user"),
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: "Deleted" }, ...problems(...USER_PROBLEMS, "no-such-token", "no-account") },
});

export function tokenRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(list, async (c) => {
    const { services, requestId } = c.env;
    const accountId = await ownAccount(c.env);
    if (accountId === null) return problem("no-account", { requestId, detail: NO_ACCOUNT });
    return c.json((await services.accounts.listTokens(accountId)).map(tokenBody), 200);
  });
  app.openapi(create, async (c) => {
    const { services, requestId } = c.env;
    const accountId = await ownAccount(c.env);
    if (accountId === null) return problem("no-account", { requestId, detail: NO_ACCOUNT });
    const { name, scope, expires_in_days: days } = c.req.valid("json");
    const token = API_TOKEN_PREFIX + newSecret();
    const createdAt = services.host.clock.now();
    const expiresAt = days === null ? null : createdAt + days * MS_PER_DAY;
    const fields = { name, scope, accountId, tokenHash: hashSecret(token), createdAt, expiresAt };
    return c.json({ ...tokenBody(await services.accounts.createToken(fields)), token }, 201);
  });
  app.openapi(remove, async (c) => {
    const { services, requestId } = c.env;
    const accountId = await ownAccount(c.env);
    if (accountId === null) return problem("no-account", { requestId, detail: NO_ACCOUNT });
    const { id } = c.req.valid("param");
    if (!TOKEN_ID.test(id) || !(await services.accounts.deleteToken(accountId, Number(id)))) {
      return problem("no-such-token", { requestId, detail: "You have no API token of this id." });
    }
    services.identities.forget();
    return c.body(null, 204);
  });
}

/** The control socket has no account of its own: it works for the first admin's. */
async function ownAccount(context: RequestContext): Promise<number | null> {
  const { accountId } = signedIn(context);
  return accountId ?? (await context.services.accounts.findAccount(FIRST_ADMIN))?.id ?? null;
}

function tokenBody(token: ApiToken): z.infer<typeof tokenSchema> {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  const { id, name, scope, createdAt } = token;
  const expires = { expires_at: time(token.expiresAt), last_used_at: time(token.lastUsedAt) };
  return { id, name, scope, created_at: new Date(createdAt).toISOString(), ...expires };
}
