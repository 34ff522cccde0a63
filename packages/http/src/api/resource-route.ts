import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { resourcesSchema } from "@toru/http-api";
import { json, problems, USER_PROBLEMS } from "./answers.ts";
import { guard } from "./guard.ts";
import type { ApiEnv } from "./request-context.ts";
import { resourcesBody } from "./resource-body.ts";

const resources = createRoute({
  method: "get",
  path: "/api/resources",
  tags: ["host"],
  summary: "What the machine, the host and its plugins used in the last ten minutes",
  description: "New samples come as `resources` events of `GET /api/events`.",
  ...guard("user"),
  responses: { 200: json(resourcesSchema, "Lists of one length"), ...problems(...USER_PROBLEMS) },
});

export function resourceRoute(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(resources, (c) => c.json(resourcesBody(c.env.services.resources), 200));
}
