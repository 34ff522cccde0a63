import { MAX_FRAME_BYTES } from "../wire/frame.ts";
import { bodyFields, type HeaderMap, type HttpReplyPayload } from "./http-payload.ts";

/** A body that no frame takes. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/**
 * The reply that carries a Response. A body that is a stream is read to its end first, or until the request is cancelled.
 *
 * @throws BodyTooLarge where the body has more bytes than a frame.
 */
export async function toReply(response: Response, { method, signal }: Request): Promise<HttpReplyPayload> {
  const { status } = response;
  if (method === "HEAD") await response.body?.cancel();
  const bytes = method === "HEAD" || response.body === null ? null : await readAll(response.body, signal);
  return { status, headers: toHeaderMap(response.headers), ...bodyFields(bytes) };
}

function toHeaderMap(headers: Headers): HeaderMap {
  const map = Object.create(null) as HeaderMap; // `__proto__` is a legal name of a header
  headers.forEach((value, name) => {
    if (name !== "set-cookie") map[name] = value;
  });
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) map["set-cookie"] = cookies;
  return map;
}

async function readAll(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = body.getReader();
  const stop = () => void reader.cancel(signal.reason).catch(() => undefined); // how the source takes it is its own affair
  signal.addEventListener("abort", stop, { once: true });
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    bytes += value.length;
    if (bytes <= MAX_FRAME_BYTES) continue;
    stop();
    throw new BodyTooLarge(
      `the body has more than ${MAX_FRAME_BYTES} bytes, which is the most that one answer carries`,
    );
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}
