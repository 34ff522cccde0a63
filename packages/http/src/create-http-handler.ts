import { makeApi } from "./api/api-app.ts";
import { openApiDocument } from "./api/open-api-document.ts";
import type { HttpHandler, HttpOptions } from "./http-options.ts";
import { RequestRouter } from "./request-router.ts";
import { makeServices } from "./services.ts";

/** The whole HTTP side, for a `Bun.serve` of the caller's. Lives until `options.closing` is aborted. */
export function createHttpHandler(options: HttpOptions): HttpHandler {
  const services = makeServices(options);
  const api = makeApi();
  const router = new RequestRouter(services, api);
  const { requests } = services;
  return {
    fetch: (request, server) => requests.track(router.answer(request, server, false)),
    local: (request, server) => requests.track(router.answer(request, server, true)),
    openApiDocument: () => openApiDocument(api, options.host.version),
  };
}
