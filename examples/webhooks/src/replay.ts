import type { Delivery, Replay } from "./delivery.ts";
import { MAX_REPLAY_ANSWER_BYTES, REPLAY_TIMEOUT_MS } from "./limits.ts";
import { sign } from "./signature.ts";
import type { Source } from "./source.ts";

/** About the connection on which the webhook came, or to be made anew. */
const NOT_SENT = /^(?:host|connection|content-length|accept-encoding|x-forwarded-for|via)$/;

interface ReplayOrder {
  delivery: Delivery;
  body: Uint8Array<ArrayBuffer>;
  /** Null where it is gone: then the old signature is sent. */
  source: Source | null;
  url: URL;
  by: string;
  signal: AbortSignal;
}

/**
 * Sends a webhook again: the same method, headers and body, signed anew, since a timestamp of back then is refused. Never
 * rejects; redirects are not followed.
 */
export async function replay({ delivery, body, source, url, by, signal }: ReplayOrder): Promise<Replay> {
  const start = performance.now();
  const at = new Date().toISOString();
  const outcome = (status: number | null, answer: string): Replay => {
    return { at, url: url.href, by, status, ms: Math.round(performance.now() - start), answer };
  };
  const target = new URL(url);
  if (target.search === "") target.search = delivery.query;
  try {
    const response = await fetch(target, {
      method: delivery.method,
      headers: headersOf(delivery, source, body),
      body: delivery.method === "GET" || body.length === 0 ? null : body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(REPLAY_TIMEOUT_MS)]),
    });
    return outcome(response.status, await beginningOf(response));
  } catch (error) {
    return outcome(null, reasonOf(error));
  }
}

function headersOf(delivery: Delivery, source: Source | null, body: Uint8Array): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(delivery.headers)) {
    if (!NOT_SENT.test(name) && value !== "(hidden)") headers.set(name, value);
  }
  headers.set("x-toru-replay", delivery.id);
  if (source === null) return headers;
  for (const [name, value] of Object.entries(sign(source, body, Math.floor(Date.now() / 1000))))
    headers.set(name, value);
  return headers;
}

async function beginningOf(response: Response): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < MAX_REPLAY_ANSWER_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    bytes += value.length;
  }
  await reader.cancel();
  return Buffer.concat(chunks).subarray(0, MAX_REPLAY_ANSWER_BYTES).toString();
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${REPLAY_TIMEOUT_MS / 1000} s`;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
