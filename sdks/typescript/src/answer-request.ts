import { BodyTooLarge, toReply } from "./http/to-reply.ts";
import { toRequest } from "./http/to-request.ts";
import { userOf } from "./http/user.ts";
import { log } from "./log.ts";
import type { Plugin, PluginContext } from "./plugin.ts";
import { errorPayload, type JsonObject } from "./wire/message.ts";

/** Answers an `http` payload by the plugin's `fetch`. What goes wrong in there is logged and answered by an error. */
export async function answerRequest(
  plugin: Plugin,
  payload: JsonObject,
  context: PluginContext,
  signal: AbortSignal,
): Promise<object> {
  if (plugin.page !== undefined && payload["method"] === "GET" && payload["path"] === "/bundle.js") {
    return { status: 200, headers: { "content-type": "text/javascript; charset=utf-8" }, body: plugin.page };
  }
  let request: Request;
  try {
    request = toRequest(payload, plugin.route, signal);
  } catch (error) {
    return errorPayload("invalid_request", error instanceof Error ? error.message : String(error));
  }
  try {
    return await toReply(await callFetch(plugin, request, context), request);
  } catch (error) {
    if (signal.aborted) return errorPayload("cancelled", "nobody waits for this answer any more");
    log.error(`${request.method} ${new URL(request.url).pathname} failed`, { error });
    if (error instanceof BodyTooLarge) return errorPayload("too_large", error.message);
    return errorPayload("internal", "the plugin failed to answer; its log says why");
  }
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
