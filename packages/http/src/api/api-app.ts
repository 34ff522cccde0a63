import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { internalProblem, problem } from "../problem.ts";
import { storageProblem } from "../storage-problem.ts";
import { pathOf } from "../request-path.ts";
import { authRoutes } from "./auth-routes.ts";
import { bundleRoute } from "./bundle-route.ts";
import { historyRoutes } from "./history-routes.ts";
import { hostRoutes } from "./host-routes.ts";
import { kvRoutes } from "./kv-routes.ts";
import { liveRoutes } from "./live-routes.ts";
import { logDownloadRoute } from "./log-download-route.ts";
import { documentRoute } from "./open-api-document.ts";
import { pluginRoutes } from "./plugin-routes.ts";
import type { ApiEnv } from "./request-context.ts";
import { resourceRoute } from "./resource-route.ts";
import { tokenRoutes } from "./token-routes.ts";
import { userRoutes } from "./user-routes.ts";

/** All routes of the API, with the errors that are not of one route. */
export function makeApi(): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({
    // Hono's own takes every URL to be absolute.
    getPath: (request) => pathOf(request.url),
    defaultHook: (result, c) => {
      if (!result.success) return invalid(result.error, c.env.requestId);
    },
  });
  for (const add of [authRoutes, userRoutes, tokenRoutes, pluginRoutes, bundleRoute, historyRoutes, liveRoutes])
    add(app);
  for (const add of [logDownloadRoute, kvRoutes, hostRoutes, resourceRoute, documentRoute]) add(app);
  app.onError((error, c) => {
    const { requestId, services, request } = c.env;
    if (error instanceof HTTPException) return badBody(error, requestId);
    c.env.isFault = true;
    services.log.fault(request, requestId, error);
    return storageProblem(error, requestId) ?? internalProblem(requestId);
  });
  const allowed = allowedMethods(app);
  app.notFound((c) => {
    const { requestId } = c.env;
    const allow = allowed(c.req.path);
    if (allow === null) return problem("not-found", { requestId, detail: "The API has nothing at this path." });
    return problem("method-not-allowed", { requestId, allow, detail: `This path takes ${allow}.` });
  });
  return app;
}

function invalid(error: z.ZodError, requestId: string): Response {
  const errors = error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
  const detail = errors.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`)).join("; ");
  return problem("invalid-request", { requestId, detail, errors });
}

/** The validator's own refusals of a body that it could not read. */
function badBody({ status }: HTTPException, requestId: string): Response {
  if (status !== 415)
    return problem("malformed-json", { requestId, detail: "The body must be one JSON value in UTF-8." });
  return problem("unsupported-media-type", { requestId, detail: "Send the body as Content-Type: application/json." });
}

/** Which methods a path takes, as `Allow` has it; null where it is no path of the API. */
function allowedMethods(app: OpenAPIHono<ApiEnv>): (path: string) => string | null {
  const routes = app.openAPIRegistry.definitions
    .filter((definition) => definition.type === "route")
    .map(({ route: { path, method } }) => ({ pattern: toPattern(path), method: method.toUpperCase() }));
  return (path) => {
    const methods = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (methods.includes("GET")) methods.push("HEAD");
    return methods.length === 0 ? null : [...new Set(methods)].sort().join(", ");
  };
}

function toPattern(path: string): RegExp {
  const source = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{[^}]+\}/g, "[^/]+");
  return new RegExp(`^${source}$`);
}
