import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Account } from "@toru/core";
import { newUserSchema, userListSchema } from "@toru/http-api";
import { problem } from "../problem.ts";
import { ADMIN_PROBLEMS, BODY_PROBLEMS, json, jsonBody, problems } from "./answers.ts";
import { guard } from "./guard.ts";
import type { ApiEnv } from "./request-context.ts";

const tags = ["users"];

const list = createRoute({
  method: "get",
  path: "/api/users",
  tags,
  summary: "All users",
  ...guard("admin"),
  responses: { 200: json(userListSchema, "In the order of their creation"), ...problems(...ADMIN_PROBLEMS) },
});

const create = createRoute({
  method: "post",
  path: "/api/users",
  tags,
  summary: "Create a user",
  ...guard("admin"),
  request: { body: jsonBody(newUserSchema) },
  responses: {
    201: json(userListSchema.element, "The new user"),
    ...problems(...ADMIN_PROBLEMS, ...BODY_PROBLEMS, "username-taken", "host-busy"),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/api/users/{username}",
  tags,
  summary: "Delete a user with all sessions and tokens",
  ...guard("admin"),
  request: { params: z.object({ username: z.string() }) },
  responses: { 204: { description: "Deleted" }, ...problems(...ADMIN_PROBLEMS, "no-such-user", "last-admin") },
});

export function userRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(list, async (c) => c.json((await c.env.services.accounts.listAccounts()).map(userBody), 200));
  app.openapi(create, async (c) => {
    const { services, requestId } = c.env;
    const { username, password, role } = c.req.valid("json");
    const passwordHash = await services.passwords.hash(password);
    if (passwordHash === null) {
      const detail = "Too many passwords are being checked at this moment. Try again in a few seconds.";
      return problem("host-busy", { requestId, detail, retryAfterMs: 2_000 });
    }
    const createdAt = services.host.clock.now();
    const account = await services.accounts.createAccount({ username, role, passwordHash, createdAt });
    if (account !== null) return c.json(userBody(account), 201);
    return problem("username-taken", { requestId, detail: `The name ${username} is taken. Choose another.` });
  });
  app.openapi(remove, async (c) => {
    const { services, requestId } = c.env;
    const { username } = c.req.valid("param");
    const account = await services.accounts.findAccount(username);
    if (account === null) return problem("no-such-user", { requestId, detail: "No user has this name." });
    if (!(await services.accounts.deleteAccount(account.id))) {
      const detail = "The last admin cannot be deleted. Create another admin first.";
      return problem("last-admin", { requestId, detail });
    }
    services.identities.forget();
    return c.body(null, 204);
  });
}

function userBody({ username, role, createdAt }: Account): z.infer<typeof userListSchema>[number] {
  return { username, role, created_at: new Date(createdAt).toISOString() };
}
