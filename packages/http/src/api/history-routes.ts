import { createRoute, type OpenAPIHono, type z } from "@hono/zod-openapi";
import type { EventQuery, LogQuery, PluginEvent } from "@toru/core";
import {
  eventPageSchema,
  eventQuerySchema,
  logPageSchema,
  logQuerySchema,
  type pluginEventSchema,
} from "@toru/http-api";
import { problem } from "../problem.ts";
import { ADMIN_PROBLEMS, json, problems } from "./answers.ts";
import { guard } from "./guard.ts";
import { isInvalidCursor, INVALID_CURSOR } from "./log-cursor.ts";
import { noSuchPlugin, pluginParams } from "./plugin-params.ts";
import type { ApiEnv } from "./request-context.ts";

const logs = createRoute({
  method: "get",
  path: "/api/plugins/{id}/logs",
  tags: ["plugins"],
  summary: "The log of a plugin by pages",
  ...guard("admin"),
  request: { params: pluginParams, query: logQuerySchema },
  responses: {
    200: json(logPageSchema, "A page"),
    ...problems(...ADMIN_PROBLEMS, "invalid-request", "no-such-plugin"),
  },
});

const events = createRoute({
  method: "get",
  path: "/api/plugins/{id}/events",
  tags: ["plugins"],
  summary: "What happened to a plugin: starts, stops, crashes",
  ...guard("admin"),
  request: { params: pluginParams, query: eventQuerySchema },
  responses: {
    200: json(eventPageSchema, "A page"),
    ...problems(...ADMIN_PROBLEMS, "invalid-request", "no-such-plugin"),
  },
});

export function historyRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(logs, async (c) => {
    const { services, requestId } = c.env;
    const { id } = c.req.valid("param");
    if (services.plugins.get(id) === null) return noSuchPlugin(c.env, id);
    const query = c.req.valid("query");
    try {
      const reader = services.logs.pluginReader(id);
      // The newest page ends at a cursor, so that a live stream can go on from there without a gap.
      const tail = query.page === 1 && query.cursor === undefined ? await reader.tailCursor() : null;
      const page = await reader.read(logQuery({ ...query, cursor: tail ?? query.cursor }));
      return c.json({ ...page, tail, page: query.page, page_size: query.page_size }, 200);
    } catch (error) {
      if (isInvalidCursor(error)) return problem("invalid-request", { requestId, ...INVALID_CURSOR });
      throw error;
    }
  });
  app.openapi(events, async (c) => {
    const { services } = c.env;
    const { id } = c.req.valid("param");
    if (services.plugins.get(id) === null) return noSuchPlugin(c.env, id);
    const page = await services.events.list(eventQuery(id, c.req.valid("query")));
    const last = page.events.at(-1);
    const cursor = page.more && last !== undefined ? String(last.id) : null;
    return c.json({ events: page.events.map(eventBody), cursor }, 200);
  });
}

function logQuery({ page, page_size: pageSize, level, q, cursor }: z.infer<typeof logQuerySchema>): LogQuery {
  return {
    page,
    pageSize,
    ...(level === undefined ? {} : { level }),
    ...(q === undefined ? {} : { q }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function eventQuery(pluginId: string, { limit, cursor, type }: z.infer<typeof eventQuerySchema>): EventQuery {
  return {
    pluginId,
    limit,
    ...(cursor === undefined ? {} : { before: Number(cursor) }),
    ...(type === undefined ? {} : { types: [type] }),
  };
}

function eventBody(event: PluginEvent): z.infer<typeof pluginEventSchema> {
  const { id, pluginId, type, timestamp, details } = event;
  return { id, plugin_id: pluginId, event_type: type, timestamp, details };
}
