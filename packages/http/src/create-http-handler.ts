import { makeApi } from "./api/api-app.ts";
import { openApiDocument } from "./api/open-api-document.ts";
import type { HttpHandler, HttpOptions } from "./http-options.ts";
import { nameIn } from "./client/allowed-hosts.ts";
import { problem } from "./problem.ts";
import { requestIdOf } from "./request-id.ts";
import { RequestRouter } from "./request-router.ts";
import { makeServices } from "./services.ts";

/** The whole HTTP side, for a `Bun.serve` of the caller's. Lives until `options.closing` is aborted. */
export function createHttpHandler(options: HttpOptions): HttpHandler {
  const services = makeServices(options);
  const api = makeApi();
  const router = new RequestRouter(services, api);
  const { requests, hosts } = services;
  return {
    fetch: (request, server) => {
      const host = request.headers.get("host");
      return requests.track(hosts.allows(host) ? router.answer(request, server, false) : unknownHost(request, host));
    },
    local: (request, server) => requests.track(router.answer(request, server, true)),
    openApiDocument: () => openApiDocument(api, options.host.version),
  };
}

function unknownHost({ headers }: Request, host: string | null): Response {
  const name = nameIn(host ?? "").slice(0, MAX_NAME_CHARACTERS);
  const detail =
    `This host does not know that it is called ${JSON.stringify(name)}, and so refuses what may come from a stranger's page. ` +
    `If the name is yours, start it with TORU_ALLOWED_HOSTS=${name} (or --allowed-hosts); an IP address always works.`;
  return problem("unknown-host", { requestId: requestIdOf(headers), detail });
}

const MAX_NAME_CHARACTERS = 253;
