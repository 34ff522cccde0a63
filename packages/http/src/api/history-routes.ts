import { createRoute, type OpenAPIHono, type z } from "@hono/zod-openapi";
import type { EventQuery, EventStore, LogQuery, PluginEvent } from "@toru/core";
import {
  allEventsQuerySchema,
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

const allEvents = createRoute({
  method: "get",
  path: "/api/plugin-events",
  tags: ["plugins"],
  summary: "What happened to all plugins, or to one that may be gone",
  ...guard("admin"),
  request: { query: allEventsQuerySchema },
  responses: {
    200: json(eventPageSchema, "A page"),
    ...problems(...ADMIN_PROBLEMS, "invalid-request"),
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
    return c.json(await eventPage(services.events, { ...c.req.valid("query"), plugin: id }), 200);
  });
  app.openapi(allEvents, async (c) => c.json(await eventPage(c.env.services.events, c.req.valid("query")), 200));
}

async function eventPage(
  store: EventStore,
  query: z.infer<typeof allEventsQuerySchema>,
): Promise<z.infer<typeof eventPageSchema>> {
  const { events, more } = await store.list(eventQuery(query));
  const last = events.at(-1);
  return { events: events.map(eventBody), cursor: more && last !== undefined ? String(last.id) : null };
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

function eventQuery({ plugin, limit, cursor, type }: z.infer<typeof allEventsQuerySchema>): EventQuery {
  return {
    limit,
    ...(plugin === undefined ? {} : { pluginId: plugin }),
    ...(cursor === undefined ? {} : { before: Number(cursor) }),
    ...(type === undefined ? {} : { types: type }),
  };
}

function eventBody(event: PluginEvent): z.infer<typeof pluginEventSchema> {
  const { id, pluginId, type, timestamp, details } = event;
  return { id, plugin_id: pluginId, event_type: type, timestamp, details };
}
