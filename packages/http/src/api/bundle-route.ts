import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { FORWARD_PROBLEMS, forwardDetails } from "../forward/forward-problem.ts";
import { problem } from "../problem.ts";
import { problems, USER_PROBLEMS } from "./answers.ts";
import { guard } from "./guard.ts";
import { noSuchPlugin, pluginParams } from "./plugin-params.ts";
import type { ApiEnv } from "./request-context.ts";

const bundle = createRoute({
  method: "get",
  path: "/api/plugins/{id}/bundle.js",
  tags: ["plugins"],
  summary: "The script of the plugin's page",
  ...guard("user"),
  request: { params: pluginParams },
  responses: {
    200: { description: "The script", content: { "text/javascript": { schema: z.string() } } },
    304: { description: "The same as `If-None-Match` names" },
    ...problems(...USER_PROBLEMS, "no-such-plugin", "no-bundle", "plugin-not-ready", "plugin-busy"),
  },
});

export function bundleRoute(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(bundle, async (c) => {
    const { services, requestId, request } = c.env;
    const { id } = c.req.valid("param");
    if (services.plugins.get(id) === null) return noSuchPlugin(c.env, id);
    const result = await services.plugins.bundle(id, request.signal);
    if (!result.ok && result.code === "not_answered") {
      return problem(FORWARD_PROBLEMS[result.error.code], forwardDetails(result.error, id, requestId));
    }
    if (!result.ok) return problem("no-bundle", { requestId, plugin: id, detail: result.message });
    const etag = `"${Bun.hash(result.script).toString(16)}"`;
    const headers = { etag, "cache-control": "no-cache" };
    if (matches(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
    return new Response(result.script as string | Uint8Array<ArrayBuffer>, {
      headers: { ...headers, "content-type": "text/javascript; charset=utf-8" },
    });
  });
}

/** By the weak comparison that `If-None-Match` asks for. */
function matches(condition: string | null, etag: string): boolean {
  if (condition === null) return false;
  const tags = condition.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.some((tag) => tag === etag || tag === "*");
}
