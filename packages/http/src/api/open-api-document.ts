import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { problems, USER_PROBLEMS } from "./answers.ts";
import { guard } from "./guard.ts";
import type { ApiEnv } from "./request-context.ts";

const document = createRoute({
  method: "get",
  path: "/api/openapi.json",
  tags: ["host"],
  summary: "This document",
  ...guard("user"),
  responses: {
    200: { description: "OpenAPI 3.1", content: { "application/json": { schema: z.looseObject({}) } } },
    ...problems(...USER_PROBLEMS),
  },
});

const DESCRIPTION =
  "The API of the panel. Errors are problems by RFC 9457. Paths under `/plugins/<route>/` and " +
  "`/api/plugins/route/<route>/` belong to the plugins and are not part of this document. A request whose `Host` is not " +
  "one of the host's own names is 421 (`unknown-host`) everywhere.";

/** The document, made from the schemas that the routes validate with. */
export function openApiDocument(app: OpenAPIHono<ApiEnv>, version: string): object {
  return app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "Toru", version, description: DESCRIPTION } });
}

export function documentRoute(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "toru_session",
    description: "From POST /api/auth/login; `__Host-toru_session` where the host serves https only",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "An API token, `toru_…`",
  });
  app.openapi(document, (c) => {
    const made = openApiDocument(app, c.env.services.host.version);
    return c.json(made as Record<string, unknown>, 200);
  });
}
