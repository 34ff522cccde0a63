import type { Exchange } from "../exchange.ts";
import { toHeaderMap } from "../http/http-payload.ts";
import { log } from "../log.ts";
import { StreamedWebSocket } from "./plugin-web-socket.ts";
import type { WebSocketHandler } from "./upgrade-web-socket.ts";

/** Opens the socket and lets the handler work with it, without new messages once `stopping`. Resolves when both are done. */
export async function serveWebSocket(
  handler: WebSocketHandler,
  { headers }: Response,
  { url }: Request,
  exchange: Exchange,
  stopping: AbortSignal,
): Promise<void> {
  const { incoming, signal } = exchange;
  const outgoing = exchange.replyStream({ status: 101, headers: toHeaderMap(headers) });
  if (incoming === null || outgoing === null) return;
  const socket = new StreamedWebSocket(incoming, outgoing, headers.get("sec-websocket-protocol") ?? "");
  const stop = () => socket.stopReading();
  stopping.addEventListener("abort", stop);
  if (stopping.aborted) stop();
  try {
    await handler(socket);
    await socket.finish();
  } catch (error) {
    outgoing.abort();
    // Whoever sends to a client that has gone is told so by this error, and need not catch it.
    const isTheEnd = signal.aborted && error instanceof DOMException && error.name === "AbortError";
    if (!isTheEnd) log.error(`The WebSocket ${new URL(url).pathname} failed`, { error });
  } finally {
    stopping.removeEventListener("abort", stop);
  }
}
