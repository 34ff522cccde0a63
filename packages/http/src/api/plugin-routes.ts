import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { ManageErrorCode, ManageResult } from "@toru/core";
import {
  developmentSchema,
  installedPluginSchema,
  pluginListSchema,
  pluginPathsSchema,
  pluginSchema,
} from "@toru/http-api";
import type { ProblemCode } from "../problem-codes.ts";
import { problem } from "../problem.ts";
import { ADMIN_PROBLEMS, BODY_PROBLEMS, json, jsonBody, problems, USER_PROBLEMS } from "./answers.ts";
import { guard } from "./guard.ts";
import { type Audience, installedPluginBody, pluginBody } from "./plugin-body.ts";
import { noSuchPlugin, pluginParams } from "./plugin-params.ts";
import { type ApiEnv, type RequestContext, signedIn } from "./request-context.ts";

const tags = ["plugins"];

const list = createRoute({
  method: "get",
  path: "/api/plugins",
  tags,
  summary: "All plugins, invalid files too",
  ...guard("user"),
  responses: { 200: json(pluginListSchema, "In the order of their file names"), ...problems(...USER_PROBLEMS) },
});

const get = createRoute({
  method: "get",
  path: "/api/plugins/{id}",
  tags,
  summary: "One plugin",
  ...guard("user"),
  request: { params: pluginParams },
  responses: { 200: json(pluginSchema, "The plugin"), ...problems(...USER_PROBLEMS, "no-such-plugin") },
});

const paths = createRoute({
  method: "get",
  path: "/api/plugins/{id}/paths",
  tags,
  summary: "Where what belongs to a plugin lies on the host's machine",
  ...guard("admin"),
  request: { params: pluginParams },
  responses: { 200: json(pluginPathsSchema, "Absolute paths"), ...problems(...ADMIN_PROBLEMS, "no-such-plugin") },
});

const MANAGE_PROBLEMS = {
  not_found: "no-such-plugin",
  invalid: "plugin-invalid",
  route_taken: "route-taken",
  not_enabled: "plugin-not-enabled",
  not_saved: "not-saved",
  stopping_host: "host-stopping",
} as const satisfies Record<ManageErrorCode, ProblemCode>;

/** How long a client is told to wait for a host that stops and may come again. */
const STOPPING_RETRY_MS = 5_000;

function manageRoute<A extends "enable" | "disable" | "restart">(action: A, summary: string) {
  return createRoute({
    method: "post",
    path: `/api/plugins/{id}/${action}`,
    tags,
    summary,
    ...guard("admin"),
    request: { params: pluginParams },
    responses: {
      200: json(installedPluginSchema, "The plugin as it is now; it may still be starting or stopping"),
      ...problems(...ADMIN_PROBLEMS, ...Object.values(MANAGE_PROBLEMS)),
    },
  });
}

const development = createRoute({
  method: "put",
  path: "/api/plugins/{id}/development",
  tags,
  summary: "Say that somebody works on a plugin just now",
  ...guard("admin"),
  request: { params: pluginParams, body: jsonBody(developmentSchema) },
  responses: {
    200: json(installedPluginSchema, "The plugin as it is now"),
    ...problems(...ADMIN_PROBLEMS, ...BODY_PROBLEMS, ...Object.values(MANAGE_PROBLEMS)),
  },
});

export function pluginRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(list, (c) => {
    const audience = audienceOf(c.env);
    return c.json(
      c.env.services.plugins.list().map((plugin) => pluginBody(plugin, audience)),
      200,
    );
  });
  app.openapi(get, (c) => {
    const { id } = c.req.valid("param");
    const plugin = c.env.services.plugins.get(id);
    if (plugin === null) return noSuchPlugin(c.env, id);
    return c.json(pluginBody(plugin, audienceOf(c.env)), 200);
  });
  app.openapi(paths, (c) => {
    const { id } = c.req.valid("param");
    const found = c.env.services.plugins.paths(id);
    return found === null ? noSuchPlugin(c.env, id) : c.json({ ...found }, 200);
  });
  app.openapi(manageRoute("enable", "Enable a plugin and start it"), async (c) => {
    const result = await c.env.services.plugins.enable(c.req.valid("param").id);
    return result.ok ? c.json(managed(c.env, result), 200) : refused(c.env, c.req.valid("param").id, result);
  });
  app.openapi(manageRoute("disable", "Disable a plugin and stop it"), async (c) => {
    const result = await c.env.services.plugins.disable(c.req.valid("param").id);
    return result.ok ? c.json(managed(c.env, result), 200) : refused(c.env, c.req.valid("param").id, result);
  });
  app.openapi(manageRoute("restart", "Stop a plugin and start it again"), async (c) => {
    const result = await c.env.services.plugins.restart(c.req.valid("param").id);
    return result.ok ? c.json(managed(c.env, result), 200) : refused(c.env, c.req.valid("param").id, result);
  });
  app.openapi(development, async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.services.plugins.develop(id, c.req.valid("json").lease_ms);
    return result.ok ? c.json(managed(c.env, result), 200) : refused(c.env, id, result);
  });
}

function audienceOf(context: RequestContext): Audience {
  return { crashLimit: context.services.limits.crashLimit, role: signedIn(context).role };
}

function managed(context: RequestContext, { plugin }: ManageResult & { ok: true }) {
  return installedPluginBody(plugin, audienceOf(context));
}

function refused({ requestId }: RequestContext, plugin: string, { code, message }: ManageResult & { ok: false }) {
  const retryAfterMs = code === "stopping_host" ? STOPPING_RETRY_MS : undefined;
  return problem(MANAGE_PROBLEMS[code], { requestId, plugin, detail: message, retryAfterMs });
}
