import type { IncomingStream } from "../stream/incoming-stream.ts";
import type { UpgradeOffer } from "../websocket/upgrade-web-socket.ts";
import type { JsonObject } from "../wire/message.ts";
import { bodyBytes, headerPairs } from "./http-payload.ts";

/** What a Request has beside its payload. */
export interface RequestParts {
  signal: AbortSignal;
  /** Where the body is not in the payload. */
  incoming: IncomingStream | null;
  /** Where it asks for a WebSocket. */
  offer: UpgradeOffer | null;
}

/**
 * The web's own Request of an `http` payload. Its URL is relative to the plugin: `/plugins/acme/certificate?x=1` becomes
 * `http://<host>/certificate?x=1`, the same as through `/api/plugins/route/acme/…`.
 *
 * @throws Error that says what the payload lacks.
 */
export function toRequest(payload: JsonObject, route: string, { signal, incoming, offer }: RequestParts): Request {
  const { method, path } = payload;
  if (typeof method !== "string" || typeof path !== "string") {
    throw new Error("an http request has a method and a path, both strings");
  }
  const headers = new Headers(headerPairs(payload["headers"]));
  const body = bodyBytes(payload);
  for (const [name, value] of Object.entries(offer?.headers ?? {})) headers.set(name, value);
  const init: RequestInit & { duplex?: "half" } = { method, headers, signal };
  if (method !== "GET" && method !== "HEAD") {
    init.body = incoming === null ? body : incoming.body();
    init.duplex = "half"; // Node wants to hear that the answer may come first, and has no other value for it
  }
  const request = new Request(urlOf(relativePath(path, route), headers.get("host")), init);
  // Bun makes a GET of a method that it does not know.
  if (request.method.toUpperCase() !== method.toUpperCase()) throw new Error(`this plugin knows no method ${method}`);
  return request;
}

function urlOf(path: string, host: string | null): string {
  const url = `http://${host}${path}`;
  return host !== null && URL.canParse(url) ? url : `http://plugin${path}`;
}

/** Takes the plugin's route off the front. Routes that differ only in case are the same one. */
export function relativePath(path: string, route: string): string {
  const rest = path.slice(route.length);
  const isBelow = rest === "" || rest.startsWith("/") || rest.startsWith("?");
  if (!isBelow || path.slice(0, route.length).toLowerCase() !== route.toLowerCase()) return path;
  return rest.startsWith("/") ? rest : `/${rest}`;
}
