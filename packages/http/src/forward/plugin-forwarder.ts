import type { ForwardResult, PluginHost, PluginTarget } from "@toru/core";
import { refusal } from "../identity/access.ts";
import { LOCAL, type Identity } from "../identity/identity.ts";
import type { IdentityResolver } from "../identity/identity-resolver.ts";
import type { TrustedProxies } from "../client/trusted-proxies.ts";
import type { HostLog } from "../host-log.ts";
import type { ServerPort } from "../http-options.ts";
import { PROBLEMS, type ProblemCode } from "../problem-codes.ts";
import { internalProblem, problem, type ProblemDetails } from "../problem.ts";
import { requestIdOf } from "../request-id.ts";
import { cutWhenSignedOut } from "./cut-when-signed-out.ts";
import type { Watch } from "../identity/access-watch.ts";
import { FORWARD_PROBLEMS, forwardDetails } from "./forward-problem.ts";
import type { ForwardPath } from "./forward-path.ts";
import type { Headers as MessageHeaders, HttpRequestMessage, HttpResponseMessage } from "@toru/protocol";
import { discard, pluginResponse, responseHeaders } from "./plugin-response.ts";
import { type BodyLimits, requestBody } from "./request-body.ts";
import { WebSocketTunnel } from "./web-socket-tunnel.ts";
import { requestHeaders } from "./request-headers.ts";

export interface ForwarderOptions {
  plugins: PluginHost;
  identities: IdentityResolver;
  log: HostLog;
  proxies: TrustedProxies;
  limits: BodyLimits;
  /** Browsers reach the host by https only. */
  secure: boolean;
}

/** One request on its way to a plugin. */
interface Passage {
  request: Request;
  requestId: string;
  plugin: string;
  target: PluginTarget;
  /** For the plugin. */
  path: string;
  server: ServerPort;
  identity: Identity;
}

/** Sends requests of plugin routes to their plugins. The path that is measured: no router, no schema. */
export class PluginForwarder {
  readonly #options: ForwarderOptions;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Undefined where the request became a WebSocket. */
  async forward(request: Request, to: ForwardPath, server: ServerPort, local: boolean): Promise<Response | undefined> {
    const requestId = requestIdOf(request.headers);
    try {
      const found = local ? LOCAL : this.#options.identities.resolve(request.headers);
      const identity = found instanceof Promise ? await found : found;
      const upgrades = isUpgrade(request);
      // Browsers let any page open a WebSocket anywhere, with the cookie: so it counts as a request that changes something.
      const asked = upgrades ? { method: "POST", headers: request.headers } : request;
      const refused = refusal(identity, "user", asked, this.#options.secure);
      if (refused !== null) return problem(refused.code, { requestId, detail: refused.detail });
      const target = this.#options.plugins.byRoute(to.route);
      if (target === null || identity === null) return noSuchRoute(to.route, requestId);
      const passage: Passage = { request, requestId, plugin: target.id, target, path: to.path, server, identity };
      return await (upgrades && target.takesWebSockets ? this.#upgrade(passage) : this.#send(passage));
    } catch (error) {
      if (request.signal.aborted) return clientClosed(requestId);
      this.#options.log.fault(request, requestId, error);
      return internalProblem(requestId);
    }
  }

  async #send(passage: Passage): Promise<Response> {
    const { request, path, target } = passage;
    const { method } = request;
    const headers = this.#headers(passage);
    const reading = requestBody(request, target.takesStreams, this.#options.limits);
    const sent = reading instanceof Promise ? await reading : reading;
    if (sent.kind === "too_large") return this.#tooLarge(passage, sent.limit);
    if (Number(headers["content-length"]) !== (sent.length ?? Number.NaN)) delete headers["content-length"];
    const asked = { method, path, headers, body: sent.body };
    if (sent.kind === "inline") return this.#result(passage, await target.http(asked, request));
    return this.#sendStreamed(passage, asked, sent.overrun);
  }

  async #sendStreamed(passage: Passage, asked: HttpRequestMessage, overrun: AbortSignal | null): Promise<Response> {
    const { request, target, requestId } = passage;
    const signedOut = new AbortController();
    const unwatch = this.#watch(passage)(() => signedOut.abort());
    const causes = [request.signal, signedOut.signal, ...(overrun === null ? [] : [overrun])];
    const result = await target.http(asked, { signal: AbortSignal.any(causes) }).finally(unwatch);
    if (overrun?.aborted === true) {
      if (result.ok) discard(result.value);
      return this.#tooLarge(passage, this.#options.limits.maxStreamedBytes);
    }
    if (result.ok || !signedOut.signal.aborted) return this.#result(passage, result);
    return problem("unauthenticated", { requestId, detail: "The session or token ended while the body was sent." });
  }

  #result(passage: Passage, result: ForwardResult<HttpResponseMessage>): Response {
    if (result.ok) return this.#answer(passage, result.value);
    const details = forwardDetails(result.error, passage.plugin, passage.requestId);
    return this.#failed(passage, FORWARD_PROBLEMS[result.error.code], details);
  }

  #watch({ request }: Passage): Watch {
    return this.#options.identities.watch(request.headers, "user");
  }

  #answer(passage: Passage, given: HttpResponseMessage): Response {
    const { request, server, target, requestId } = passage;
    let answer = given;
    if (given.body instanceof ReadableStream) {
      // A stream may be silent for as long as its two ends like.
      server.timeout(request, 0);
      answer = { ...given, body: cutWhenSignedOut(given.body, this.#watch(passage)) };
    }
    const made = pluginResponse(answer, request.method);
    if (made.ok) return made.response;
    discard(answer);
    const detail = `The answer of the plugin ${target.id} cannot be passed on: ${made.reason}.`;
    return this.#failed(passage, "plugin-bad-answer", { requestId, plugin: target.id, detail });
  }

  async #upgrade(passage: Passage): Promise<Response | undefined> {
    const { request, path, server, target, requestId } = passage;
    const tunnel = new WebSocketTunnel();
    const asked = { method: "GET", path, headers: withoutHandshake(this.#headers(passage)), body: null };
    const result = await target.upgrade(asked, tunnel.fromClient, request);
    if (!result.ok) {
      const details = forwardDetails(result.error, target.id, requestId);
      return this.#failed(passage, FORWARD_PROBLEMS[result.error.code], details);
    }
    if (!result.value.accepted) return this.#answer(passage, result.value.response);
    tunnel.connect(result.value.messages, this.#watch(passage));
    const headers = responseHeaders(result.value.headers, false);
    if (typeof headers !== "string" && server.upgrade(request, { data: tunnel, headers })) return undefined;
    tunnel.end();
    const detail = "The request asks for a WebSocket, but its handshake is not valid (RFC 6455, 4.1).";
    return problem("invalid-request", { requestId, plugin: target.id, detail });
  }

  #headers({ request, server, identity, requestId }: Passage): MessageHeaders {
    const { address: peer, proto } = this.#options.proxies.clientOf(server, request);
    return requestHeaders(request.headers, {
      identity,
      requestId,
      peer,
      proto: this.#options.secure ? "https" : proto,
    });
  }

  #tooLarge(passage: Passage, limit: number): Response {
    const { requestId, plugin } = passage;
    const detail = `A body for this plugin may have at most ${limit} bytes.`;
    return this.#failed(passage, "body-too-large", { requestId, plugin, detail });
  }

  #failed(passage: Passage, code: ProblemCode, details: ProblemDetails): Response {
    const { status } = PROBLEMS[code];
    if (status !== 404 && status !== 503 && status !== 499) {
      this.#options.log.forwardFailed(
        passage.request,
        passage.requestId,
        { plugin: passage.plugin, code, status },
        details.detail,
      );
    }
    return problem(code, details);
  }
}

function isUpgrade({ method, headers }: Request): boolean {
  return method === "GET" && headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** The handshake is the host's affair, but for the protocols among which the plugin may choose. */
function withoutHandshake(headers: MessageHeaders): MessageHeaders {
  for (const name of ["sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions"]) delete headers[name];
  return headers;
}

function noSuchRoute(route: string, requestId: string): Response {
  const detail = `No enabled plugin has the route /${route.slice(0, 64)}. Enable the plugin, or look at its route.`;
  return problem("no-such-route", { requestId, detail });
}

function clientClosed(requestId: string): Response {
  return problem("client-closed", { requestId, detail: "The client closed the connection before the answer." });
}
