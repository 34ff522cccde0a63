import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { logDownloadQuerySchema } from "@toru/http-api";
import { problem } from "../problem.ts";
import { ADMIN_PROBLEMS, problems } from "./answers.ts";
import { guard } from "./guard.ts";
import { noSuchPlugin, pluginParams } from "./plugin-params.ts";
import type { ApiEnv } from "./request-context.ts";

/** Lines of JSON; `string`, for the router would take the whole body for one JSON value. */
const MEDIA_TYPE: string = "application/x-ndjson";
const BUSY_RETRY_MS = 5_000;

const download = createRoute({
  method: "get",
  path: "/api/plugins/{id}/logs/download",
  tags: ["plugins"],
  summary: "The log of a plugin as a file, oldest line first",
  description:
    "Without a filter all files that are kept, byte for byte; with one, the lines that the pages show, as they stand in " +
    "the files. What is written during the download is not part of it.",
  ...guard("admin"),
  request: { params: pluginParams, query: logDownloadQuerySchema },
  responses: {
    200: { description: "One JSON object a line", content: { [MEDIA_TYPE]: { schema: z.string() } } },
    ...problems(...ADMIN_PROBLEMS, "invalid-request", "no-such-plugin", "host-busy"),
  },
});

export function logDownloadRoute(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(download, async (c) => {
    const { services, requestId, request, server } = c.env;
    const { id } = c.req.valid("param");
    if (services.plugins.get(id) === null) return noSuchPlugin(c.env, id);
    const headers = { "content-type": MEDIA_TYPE, "content-disposition": `attachment; filename="${id}.log"` };
    // Nobody reads the body of a HEAD answer: the files would stay open.
    if (request.method === "HEAD") return new Response(null, { headers });
    const { level, q } = c.req.valid("query");
    const filter = { ...(level === undefined ? {} : { level }), ...(q === undefined ? {} : { q }) };
    const watch = services.identities.watch(request.headers, "admin");
    const reader = { request, server, watch };
    const body = await services.downloads.start(() => services.logs.pluginReader(id).copy(filter), reader);
    if (body !== null) return new Response(body, { headers });
    const detail = "Too many logs are being downloaded. Try again when some of them are done.";
    return problem("host-busy", { requestId, detail, retryAfterMs: BUSY_RETRY_MS });
  });
}
