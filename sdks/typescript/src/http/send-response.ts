import type { Exchange } from "../exchange.ts";
import { log } from "../log.ts";
import { MAX_FRAME_BYTES } from "../wire/frame.ts";
import { BodyReader, MAX_INLINE_BYTES } from "./body-reader.ts";
import { bodyFields, toHeaderMap } from "./http-payload.ts";

/**
 * Sends a Response: what is there at once inside of the reply, anything else as a stream while it is made. Where the host
 * takes no streams, the whole body is read first.
 *
 * @throws what the body fails with, as long as nothing was sent.
 */
export async function sendResponse(response: Response, { method, url }: Request, exchange: Exchange): Promise<void> {
  const head = { status: response.status, headers: toHeaderMap(response.headers) };
  if (response.body === null || method === "HEAD") {
    await response.body?.cancel();
    return exchange.reply({ ...head, body: null });
  }
  const body = new BodyReader(response.body, exchange.signal);
  const begin = await (exchange.takesStreams ? body.atOnce(MAX_INLINE_BYTES) : body.all(MAX_FRAME_BYTES));
  if (body.isComplete) return exchange.reply({ ...head, ...bodyFields(begin) });
  const outgoing = exchange.replyStream(head);
  if (outgoing === null) return body.cancel();
  try {
    await body.sendTo(outgoing, begin);
  } catch (error) {
    if (exchange.signal.aborted) return;
    log.error(`${method} ${new URL(url).pathname} failed in the middle of its answer`, { error });
  }
}
