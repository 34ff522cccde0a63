import { BodyReader, MAX_INLINE_BYTES } from "../http/body-reader.ts";
import { bodyBytes, bodyFields, type HeaderMap } from "../http/http-payload.ts";
import { type PluginWebSocket, StreamedWebSocket } from "../websocket/plugin-web-socket.ts";
import { MAX_FRAME_BYTES } from "../wire/frame.ts";
import { readError } from "../wire/message.ts";
import type { HostLink, HostReply } from "./host-link.ts";

/** Sends a request on as the host does: a small body inside of it, a larger one as a stream. */
export async function askPlugin(link: HostLink, path: string, request: Request, streams = false): Promise<Response> {
  const payload = { method: request.method, path, headers: headersOf(request) };
  if (request.body === null) return toResponse(await link.exchange("http", { ...payload, body: null }));
  const body = new BodyReader(request.body, request.signal);
  const begin = await (streams ? body.atOnce(MAX_INLINE_BYTES) : body.all(MAX_FRAME_BYTES));
  if (body.isComplete) return toResponse(await link.exchange("http", { ...payload, ...bodyFields(begin) }));
  const outgoing = link.openStream();
  const reply = link.exchange("http", { ...payload, stream: outgoing.id });
  body.sendTo(outgoing, begin).catch(() => undefined); // the plugin is told that it is not all
  return toResponse(await reply);
}

/** Opens a WebSocket as the host does for a client. */
export async function openWebSocket(
  link: HostLink,
  path: string,
  request: Request,
  protocols: string[],
): Promise<PluginWebSocket> {
  if (protocols.length > 0) request.headers.set("sec-websocket-protocol", protocols.join(", "));
  const outgoing = link.openStream();
  const asked = { method: "GET", path, headers: headersOf(request), upgrade: "websocket", stream: outgoing.id };
  const reply = await link.exchange("http", asked);
  if (reply.payload["status"] === 101 && reply.incoming !== null) {
    const { "sec-websocket-protocol": protocol = "" } = reply.payload["headers"] as HeaderMap;
    return new StreamedWebSocket(reply.incoming, outgoing, String(protocol));
  }
  outgoing.abort();
  const { status } = toResponse(reply);
  throw new Error(`the plugin answered ${path} by ${status} in place of a WebSocket`);
}

function headersOf(request: Request): HeaderMap {
  return Object.fromEntries(request.headers);
}

function toResponse({ payload, incoming }: HostReply): Response {
  const error = readError(payload);
  if (error !== null) throw new Error(`the plugin answered with an error: ${error.message} (${error.code})`);
  const { status, headers } = payload as { status: number; headers: HeaderMap };
  const pairs = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  const hasNoBody = [204, 205, 304].includes(status);
  const body = incoming === null ? bodyBytes(payload) : incoming.body();
  return new Response(hasNoBody ? null : body, { status, headers: pairs as [string, string][] });
}
