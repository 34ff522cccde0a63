import { bodyFromBytes, type Body } from "@toru/protocol";
import { announcedLength, readBody } from "./read-body.ts";

/** Bodies up to this travel inside of their request also to a plugin that takes streams: it is less work for both. */
const MAX_INLINE_BYTES = 64 * 1024;

export interface BodyLimits {
  /** Of a body that travels inside of its request, in bytes. */
  maxInlineBytes: number;
  /** Of a body that is streamed, in bytes. */
  maxStreamedBytes: number;
}

export type RequestBody =
  | { kind: "inline"; body: Body; length: number }
  /** `overrun` is aborted where it turns out to be longer than allowed. */
  | { kind: "streamed"; body: ReadableStream<Uint8Array>; length: number | null; overrun: AbortSignal | null }
  | { kind: "too_large"; limit: number };

const NOTHING: RequestBody = { kind: "inline", body: null, length: 0 };

/** Decides how the body of a request travels, and reads it where that is inside of the request. */
export function requestBody(
  request: Request,
  takesStreams: boolean,
  limits: BodyLimits,
): RequestBody | Promise<RequestBody> {
  const { method } = request;
  if (method === "GET" || method === "HEAD" || request.body === null) return NOTHING;
  return bodyOf(request, request.body, takesStreams, limits);
}

async function bodyOf(
  request: Request,
  body: ReadableStream<Uint8Array>,
  takesStreams: boolean,
  limits: BodyLimits,
): Promise<RequestBody> {
  const announced = request.headers.get("content-length");
  const length = announced === null ? null : announcedLength(announced);
  if (takesStreams && (length === null || length > MAX_INLINE_BYTES)) return streamed(body, length, limits);
  const bytes = await readBody(request, limits.maxInlineBytes);
  if (bytes === "too_large") return { kind: "too_large", limit: limits.maxInlineBytes };
  return { kind: "inline", body: bodyFromBytes(bytes), length: bytes.length };
}

function streamed(
  body: ReadableStream<Uint8Array>,
  length: number | null,
  { maxStreamedBytes: limit }: BodyLimits,
): RequestBody {
  // Bun reads no further than the announced length.
  if (length !== null && length > limit) return { kind: "too_large", limit };
  if (length !== null || limit === Infinity) return { kind: "streamed", body, length, overrun: null };
  const overrun = new AbortController();
  return { kind: "streamed", body: bounded(body, limit, overrun), length, overrun: overrun.signal };
}

/** Fails after `limit` bytes. */
function bounded(
  source: ReadableStream<Uint8Array>,
  limit: number,
  overrun: AbortController,
): ReadableStream<Uint8Array> {
  let total = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      total += chunk.length;
      if (total <= limit) return controller.enqueue(chunk);
      overrun.abort();
      return controller.error(new Error(`the body is over ${limit} bytes`));
    },
  });
  return source.pipeThrough(count);
}
