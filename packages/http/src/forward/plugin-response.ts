import { type Body, type Headers as MessageHeaders, type HttpResponseMessage, release } from "@toru/protocol";
import { setsSessionCookie } from "../identity/session-cookie.ts";
import { DOCUMENT_POLICY, isInert } from "./document-policy.ts";
import { isHopByHop, namedByConnection } from "./hop-by-hop.ts";

export type PluginResponse = { ok: true; response: Response } | { ok: false; reason: string };

/**
 * Makes a plugin's answer to an HTTP response that holds what the plugin sent and nothing else, but for the policy of
 * documents.
 */
export function pluginResponse(message: HttpResponseMessage, method: string): PluginResponse {
  const { status, body } = message;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    return { ok: false, reason: `it answered with the status ${status}; allowed are 200 to 599` };
  }
  const isHead = method === "HEAD";
  const headers = responseHeaders(message.headers, isHead);
  if (typeof headers === "string") {
    return { ok: false, reason: `HTTP cannot carry its header ${JSON.stringify(headers)}` };
  }
  const init = { status, headers };
  if (hasNoBody(status)) {
    discard(message);
    // A browser that has the document already keeps the policy that came with it.
    headers.delete("content-security-policy");
    return { ok: true, response: new Response(null, init) };
  }
  if (mayBeDocument(body, headers)) headers.append("content-security-policy", DOCUMENT_POLICY);
  if (isHead) {
    discard(message);
    return { ok: true, response: new Response(headers.has("content-length") ? null : oneChunk(UNSENT), init) };
  }
  const sent = body instanceof ReadableStream ? body : responseBody(body, headers);
  return { ok: true, response: new Response(sent, init) };
}

/** Nobody will read the body of this answer. */
export function discard({ body }: HttpResponseMessage): void {
  if (body instanceof ReadableStream) void body.cancel().catch(() => undefined); // it has failed already
}

/** Nothing can run in an empty document. */
function mayBeDocument(body: HttpResponseMessage["body"], headers: Headers): boolean {
  const isEmpty = body === null || (!(body instanceof ReadableStream) && body.length === 0);
  return !isEmpty && !isInert(headers.get("content-type"));
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** What would speak for the host as a whole: a browser takes it for every path of the address. */
const HOST_WIDE: ReadonlySet<string> = new Set([
  "alt-svc",
  "clear-site-data",
  "nel",
  "report-to",
  "service-worker-allowed",
  "set-cookie2",
  "strict-transport-security",
]);

/** Several values of one name stay apart where that matters (`set-cookie`). Returns the name that HTTP cannot carry. */
export function responseHeaders(given: MessageHeaders, isHead: boolean): Headers | string {
  const headers = new Headers();
  const named = namedByConnection(firstValue(given["connection"]));
  for (const name in given) {
    const value = given[name];
    if (value === undefined || isHopByHop(name) || HOST_WIDE.has(name) || named?.has(name) === true) continue;
    // Bun counts the bytes itself; only a HEAD answer says how long the body would be.
    if (name === "content-length" && !(isHead && isLength(value))) continue;
    if (!append(headers, name, name === "set-cookie" ? foreignCookies(value) : value)) return name;
  }
  return headers;
}

function append(headers: Headers, name: string, value: string | string[]): boolean {
  try {
    if (typeof value === "string") headers.append(name, value);
    else for (const one of value) headers.append(name, one);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Without those that would take the place of the host's own. */
function foreignCookies(value: string | string[]): string[] {
  return [value].flat().filter((cookie) => !setsSessionCookie(cookie));
}

function firstValue(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.join(",");
}

function oneChunk(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** From here on Bun (1.4) writes the head of an answer that was made after an await in some fourteen pieces. */
const UNCORKED_BODY_BYTES = 15 * 1024;

/** Bun gives a string or bytes a content-type where there is none; a stream it leaves alone. */
function responseBody(body: Body, headers: Headers): BodyInit | null {
  if (body === null || body.length === 0) return null;
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  if (length < UNCORKED_BODY_BYTES && headers.has("content-type")) return body as string | Uint8Array<ArrayBuffer>;
  return inOneWrite(body, length);
}

/** A stream that holds all of its bytes before the head is sent: so Bun counts them and writes both together. */
function inOneWrite(body: string | Uint8Array, length: number): ReadableStream<Uint8Array> {
  const source = {
    type: "direct",
    pull(controller: { write(chunk: string | Uint8Array): void; end(): void }) {
      controller.write(body);
      controller.end();
      if (typeof body !== "string") release(body);
    },
  } as unknown as UnderlyingDefaultSource<Uint8Array>;
  return new ReadableStream(source, { highWaterMark: length + 1 });
}

/**
 * Without a body Bun says `content-length: 0` to a HEAD, which is not what a GET would answer. It sends nothing of a
 * stream to a HEAD, but must see that it is not empty.
 */
const UNSENT = new Uint8Array(1);

function isLength(value: string | string[]): boolean {
  return typeof value === "string" && /^\d{1,15}$/.test(value);
}
