import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { LogReader } from "@toru/core";
import { logStreamQuerySchema } from "@toru/http-api";
import { originOf } from "../identity/same-origin.ts";
import type { Source } from "../live/live-streams.ts";
import { streamChanges } from "../live/stream-changes.ts";
import { streamLogs } from "../live/stream-logs.ts";
import { streamResources } from "../live/stream-resources.ts";
import { problem } from "../problem.ts";
import { ADMIN_PROBLEMS, problems, USER_PROBLEMS } from "./answers.ts";
import { guard } from "./guard.ts";
import { INVALID_CURSOR, isInvalidCursor } from "./log-cursor.ts";
import { noSuchPlugin, pluginParams } from "./plugin-params.ts";
import { type ApiEnv, type RequestContext, signedIn } from "./request-context.ts";

const EVENT_STREAM = { "text/event-stream": { schema: z.string() } };
const BUSY_RETRY_MS = 5_000;

const changes = createRoute({
  method: "get",
  path: "/api/events",
  tags: ["live"],
  summary: "Changes of plugins as they happen (SSE)",
  description:
    "`plugin` events hold a PluginChange. `hello` says that all changes up to its id were sent; `reset`, that some behind " +
    "`Last-Event-ID` are not kept any more and the list must be loaded again. `resources` events hold the newest sample of " +
    "`GET /api/resources`, one value in place of each list; they have no id and are never sent again.",
  ...guard("user"),
  responses: {
    200: { description: "Events", content: EVENT_STREAM },
    ...problems(...USER_PROBLEMS, "host-busy"),
  },
});

const logs = createRoute({
  method: "get",
  path: "/api/plugins/{id}/logs/stream",
  tags: ["live"],
  summary: "Lines of a plugin's log as they are written (SSE)",
  description: "Each event holds a LogEntry; its id resumes behind it, by `Last-Event-ID` or `after`.",
  ...guard("admin"),
  request: { params: pluginParams, query: logStreamQuerySchema },
  responses: {
    200: { description: "Events", content: EVENT_STREAM },
    ...problems(...ADMIN_PROBLEMS, "invalid-request", "no-such-plugin", "host-busy"),
  },
});

export function liveRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(changes, (c) => {
    const { changes, resources } = c.env.services;
    const feed = changes[signedIn(c.env).role];
    const behind = lastEventId(c.env);
    return start(c.env, "user", (stream, signal) => {
      streamResources(resources, stream, signal);
      return streamChanges(feed, behind, stream, signal);
    });
  });
  app.openapi(logs, (c) => {
    const { services, requestId } = c.env;
    const { id } = c.req.valid("param");
    if (services.plugins.get(id) === null) return noSuchPlugin(c.env, id);
    const { level, q, after } = c.req.valid("query");
    // A browser that connects again repeats the first URL: what it has seen since counts.
    const behind = lastEventId(c.env) ?? after;
    const options = {
      ...(behind === undefined ? {} : { after: behind }),
      ...(level === undefined ? {} : { level }),
      ...(q === undefined ? {} : { q }),
    };
    const ended = new AbortController();
    try {
      const lines: ReturnType<LogReader["follow"]> = services.logs
        .pluginReader(id)
        .follow({ ...options, signal: ended.signal });
      return start(c.env, "admin", (stream, signal) => {
        signal.addEventListener("abort", () => ended.abort(), { once: true });
        return streamLogs(lines, stream);
      });
    } catch (error) {
      if (isInvalidCursor(error)) return problem("invalid-request", { requestId, ...INVALID_CURSOR });
      throw error;
    }
  });
}

function start(context: RequestContext, access: "user" | "admin", source: Source) {
  const { request, server, services, requestId, caller } = context;
  const { identities, liveStreams, secure } = services;
  // It changes nothing, and yet: no page of another site keeps a stream open with a person's session.
  if (caller?.via === "session" && originOf(request.headers, secure) === "cross")
    return problem("cross-origin", { requestId, detail: "A live stream is for the pages of this host alone." });
  // Nobody reads the body of a HEAD answer: it would stay open for ever.
  if (request.method === "HEAD") return new Response(null, { headers: { "content-type": "text/event-stream" } });
  const watch = identities.watch(request.headers, access);
  const response = liveStreams.start({ request, server, watch }, source);
  if (response !== null) return response;
  const detail = "Too many live streams are open. Close some pages of the panel, or try again later.";
  return problem("host-busy", { requestId, detail, retryAfterMs: BUSY_RETRY_MS });
}

function lastEventId({ request }: RequestContext): string | null {
  const id = request.headers.get("last-event-id");
  return id === null || id === "" ? null : id.slice(0, MAX_EVENT_ID_CHARACTERS);
}

const MAX_EVENT_ID_CHARACTERS = 200;
