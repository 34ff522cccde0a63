import type { Exchange } from "./exchange.ts";
import { BodyTooLarge } from "./http/body-reader.ts";
import { sendResponse } from "./http/send-response.ts";
import { toRequest } from "./http/to-request.ts";
import { userOf } from "./http/user.ts";
import { log } from "./log.ts";
import type { Plugin, PluginContext } from "./plugin.ts";
import { serveWebSocket } from "./websocket/serve-web-socket.ts";
import { UpgradeOffer } from "./websocket/upgrade-web-socket.ts";
import { errorPayload, type JsonObject } from "./wire/message.ts";

/**
 * Answers an `http` payload by the plugin's `fetch`; resolves when all of the answer is sent. What goes wrong in there is
 * logged and answered by an error.
 */
export async function answerRequest(
  plugin: Plugin,
  payload: JsonObject,
  context: PluginContext,
  exchange: Exchange,
): Promise<void> {
  const { signal, incoming } = exchange;
  if (plugin.page !== undefined && payload["method"] === "GET" && payload["path"] === "/bundle.js") {
    const headers = { "content-type": "text/javascript; charset=utf-8" };
    return exchange.reply({ status: 200, headers, body: plugin.page });
  }
  using offer = payload["upgrade"] === "websocket" && incoming !== null ? new UpgradeOffer() : null;
  let request: Request;
  try {
    request = toRequest(payload, plugin.route, { signal, incoming, offer });
    exchange.request = request;
  } catch (error) {
    return exchange.reply(errorPayload("invalid_request", error instanceof Error ? error.message : String(error)));
  }
  try {
    const response = await callFetch(plugin, request, context);
    const handler = offer?.acceptedBy(response) ?? null;
    if (handler === null) await sendResponse(response, request, exchange);
    else await serveWebSocket(handler, response, request, exchange, context.signal);
  } catch (error) {
    if (signal.aborted) return;
    log.error(`${request.method} ${new URL(request.url).pathname} failed`, { error });
    exchange.reply(toError(error));
  }
}

function toError(error: unknown): object {
  if (error instanceof BodyTooLarge) return errorPayload("too_large", error.message);
  return errorPayload("internal", "the plugin failed to answer; its log says why");
}

/** Calls the plugin's `fetch` with the context of this request. */
export async function callFetch(plugin: Plugin, request: Request, context: PluginContext): Promise<Response> {
  const response: unknown = await plugin.fetch(request, { ...context, user: userOf(request) });
  // Libraries bring Response classes of their own, so the shape counts.
  if (typeof response === "object" && response !== null && "status" in response && "headers" in response) {
    return response as Response;
  }
  throw new TypeError(`fetch returned ${typeof response} where a Response is due; is a return missing?`);
}
