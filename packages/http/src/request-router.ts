import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv, RequestContext } from "./api/request-context.ts";
import { parseForwardPath } from "./forward/forward-path.ts";
import { PluginForwarder } from "./forward/plugin-forwarder.ts";
import type { Answer, ServerPort } from "./http-options.ts";
import { isSafe } from "./identity/access.ts";
import { internalProblem, problem } from "./problem.ts";
import { requestIdOf } from "./request-id.ts";
import { pathOf, pathStart } from "./request-path.ts";
import type { Services } from "./services.ts";

const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);
const AUTH = "/api/auth/";

/** Gives every request to whom it belongs: a plugin, the API or the panel. */
export class RequestRouter {
  readonly #services: Services;
  readonly #api: OpenAPIHono<ApiEnv>;
  readonly #forwarder: PluginForwarder;

  constructor(services: Services, api: OpenAPIHono<ApiEnv>) {
    const { plugins, identities, log, proxies, limits, secure } = services;
    this.#services = services;
    this.#api = api;
    this.#forwarder = new PluginForwarder({
      plugins,
      identities,
      log,
      proxies,
      limits: { maxInlineBytes: limits.maxFrameBytes, maxStreamedBytes: limits.maxBodyBytes },
      secure,
    });
  }

  answer(request: Request, server: ServerPort, local: boolean): Answer | Promise<Answer> {
    const { url } = request;
    const to = parseForwardPath(url, pathStart(url));
    if (to !== null) return this.#forwarder.forward(request, to, server, local);
    const path = pathOf(url);
    if (path === "/api" || path.startsWith("/api/") || PROBES.has(path)) return this.#answerApi(request, server, local);
    return this.#answerPanel(request, path);
  }

  async #answerApi(request: Request, server: ServerPort, local: boolean): Promise<Response> {
    const { log } = this.#services;
    const requestId = requestIdOf(request.headers);
    const context: RequestContext = {
      requestId,
      request,
      server,
      local,
      services: this.#services,
      caller: null,
      isFault: false,
    };
    const response = await this.#api.fetch(request, context);
    const { headers, status } = response;
    headers.set("x-request-id", requestId);
    headers.set("x-content-type-options", "nosniff");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    // What a stranger sends anywhere else changes nothing, and could fill the log.
    const mayChange = context.caller !== null || pathOf(request.url).startsWith(AUTH);
    if (!isSafe(request.method) && mayChange) log.change(request, requestId, status, context.caller);
    if (status >= 500 && status !== 503 && !context.isFault) log.serverError(request, requestId, status);
    return response;
  }

  /** The place of the panel's files: paths that are nobody else's. */
  async #answerPanel(request: Request, path: string): Promise<Response> {
    const { panel, host, log } = this.#services;
    const requestId = requestIdOf(request.headers);
    const isRead = request.method === "GET" || request.method === "HEAD";
    try {
      const page = isRead ? ((await panel?.(path, request)) ?? null) : null;
      if (page !== null) return page;
      if (isRead && path === "/") return greeting(host.version, requestId);
      return problem("not-found", { requestId, detail: "The host has nothing at this path." });
    } catch (error) {
      log.fault(request, requestId, error);
      return internalProblem(requestId);
    }
  }
}

function greeting(version: string, requestId: string): Response {
  const headers = { "x-request-id": requestId, "x-content-type-options": "nosniff" };
  return new Response(`Toru ${version}\n`, { headers });
}
