import { makeApi } from "./api/api-app.ts";
import { openApiDocument } from "./api/open-api-document.ts";
import type { RequestContext } from "./api/request-context.ts";
import { parseForwardPath } from "./forward/forward-path.ts";
import { PluginForwarder } from "./forward/plugin-forwarder.ts";
import type { HttpHandler, HttpOptions, ServerPort } from "./http-options.ts";
import { isSafe } from "./identity/access.ts";
import { problem } from "./problem.ts";
import { requestIdOf } from "./request-id.ts";
import { pathOf, pathStart } from "./request-path.ts";
import { makeServices } from "./services.ts";

const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** The whole HTTP side, for a `Bun.serve` of the caller's. Lives until `options.closing` is aborted. */
export function createHttpHandler(options: HttpOptions): HttpHandler {
  const services = makeServices(options);
  const { plugins, identities, log, limits, secure, requests, host } = services;
  const api = makeApi();
  const forwarder = new PluginForwarder({ plugins, identities, log, maxBodyBytes: limits.maxFrameBytes, secure });

  async function answerApi(request: Request, server: ServerPort, local: boolean): Promise<Response> {
    const requestId = requestIdOf(request.headers);
    const context: RequestContext = { requestId, request, server, local, services, caller: null };
    const response = await api.fetch(request, context);
    const { headers, status } = response;
    headers.set("x-request-id", requestId);
    headers.set("x-content-type-options", "nosniff");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    if (!isSafe(request.method)) log.change(request, requestId, status, context.caller);
    if (status >= 500 && status !== 503) log.serverError(request, requestId, status);
    return response;
  }

  function answer(request: Request, server: ServerPort, local: boolean): Response | Promise<Response> {
    const { url } = request;
    const start = pathStart(url);
    const to = parseForwardPath(url, start);
    if (to !== null) return forwarder.forward(request, to, server, local);
    const path = pathOf(url);
    if (path === "/api" || path.startsWith("/api/") || PROBES.has(path)) return answerApi(request, server, local);
    const isRead = request.method === "GET" || request.method === "HEAD";
    const page = isRead ? (options.panel?.(request) ?? null) : null;
    return page ?? withoutPanel(request, path, host.version);
  }

  const document = openApiDocument(api, host.version);
  return {
    fetch: (request, server) => requests.track(answer(request, server, false)),
    local: (request, server) => requests.track(answer(request, server, true)),
    openApiDocument: () => document,
  };
}

function withoutPanel(request: Request, path: string, version: string): Response {
  const requestId = requestIdOf(request.headers);
  if (path !== "/") return problem("not-found", { requestId, detail: "The host has nothing at this path." });
  return new Response(`Toru ${version}\n`, {
    headers: { "x-request-id": requestId, "x-content-type-options": "nosniff" },
  });
}
