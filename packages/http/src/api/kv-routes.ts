import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { performKv, StorageError } from "@toru/core";
import { kvRequestSchema, kvResponseSchema } from "@toru/http-api";
import { parseKvOperation } from "@toru/protocol";
import { FORWARD_PROBLEMS, forwardDetails } from "../forward/forward-problem.ts";
import { problem } from "../problem.ts";
import { ADMIN_PROBLEMS, BODY_PROBLEMS, json, jsonBody, problems, USER_PROBLEMS } from "./answers.ts";
import { guard } from "./guard.ts";
import { noSuchPlugin, pluginParams } from "./plugin-params.ts";
import type { ApiEnv, RequestContext } from "./request-context.ts";

/** JSON may take six bytes (`\u0001`) for each byte of a value, which may have 1 MiB. */
const MAX_BODY_MIB = 7;

const { cancelled: _, ...KV_PROBLEMS } = FORWARD_PROBLEMS;

const store = createRoute({
  method: "post",
  path: "/api/plugins/{id}/kv",
  tags: ["kv"],
  summary: "Read or write the plugin's namespace in the host's store",
  ...guard("user", MAX_BODY_MIB),
  request: { params: pluginParams, body: jsonBody(kvRequestSchema) },
  responses: {
    200: json(kvResponseSchema, "The value, or the keys"),
    ...problems(...USER_PROBLEMS, ...BODY_PROBLEMS, "value-too-large", "no-such-plugin", "quota-exceeded"),
  },
});

const handle = createRoute({
  method: "post",
  path: "/api/plugins/{id}/handle-kv",
  tags: ["kv"],
  summary: "Send a kv message to the plugin itself",
  ...guard("admin", MAX_BODY_MIB),
  request: { params: pluginParams, body: jsonBody(kvRequestSchema) },
  responses: {
    200: json(kvResponseSchema, "The plugin's answer"),
    ...problems(
      ...ADMIN_PROBLEMS,
      ...BODY_PROBLEMS,
      "value-too-large",
      "no-such-plugin",
      ...Object.values(KV_PROBLEMS),
    ),
  },
});

export function kvRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(store, async (c) => {
    const { services, requestId } = c.env;
    const { id } = c.req.valid("param");
    if (services.plugins.get(id)?.kind !== "installed") return noSuchPlugin(c.env, id);
    const parsed = parseKvOperation(c.req.valid("json"));
    if (!parsed.ok) return refused(c.env, id, parsed.error);
    try {
      return c.json(await performKv(services.kv, id, parsed.operation), 200);
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== "quota_exceeded") throw error;
      return problem("quota-exceeded", { requestId, plugin: id, detail: error.message });
    }
  });
  app.openapi(handle, async (c) => {
    const { services, requestId } = c.env;
    const { id } = c.req.valid("param");
    if (services.plugins.get(id)?.kind !== "installed") return noSuchPlugin(c.env, id);
    const parsed = parseKvOperation(c.req.valid("json"));
    if (!parsed.ok) return refused(c.env, id, parsed.error);
    const target = services.plugins.byId(id);
    if (target === null) return noSuchPlugin(c.env, id);
    const result = await target.kv(parsed.operation, null);
    if (result.ok) return c.json(result.value, 200);
    const { error } = result;
    if (error.code === "cancelled") throw new Error("a kv request without a signal was cancelled");
    return problem(KV_PROBLEMS[error.code], forwardDetails(error, id, requestId));
  });
}

function refused({ requestId }: RequestContext, plugin: string, { code, message }: { code: string; message: string }) {
  const details = { requestId, plugin, detail: message };
  if (code === "value_too_large") return problem("value-too-large", details);
  const field = code === "invalid_key" ? "key" : "action";
  return problem("invalid-request", { ...details, errors: [{ field, message }] });
}
