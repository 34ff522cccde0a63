import type { Body } from "./body.ts";
import type {
  Envelope,
  Headers,
  HttpRequestMessage,
  HttpResponseMessage,
  InitInfo,
  KvOperation,
  KvResult,
  MessageType,
  RemoteError,
  Reply,
} from "./messages.ts";
import { invalid, isObject, toHeaders, toRemoteError } from "./shape.ts";

/** Features of version 2 that this side offers at init. */
export const FEATURES = ["stream", "websocket"] as const;
/** Status of a reply that takes a WebSocket up. */
export const SWITCHING_PROTOCOLS = 101;

export function envelope(type: MessageType, payload: unknown, requestId?: string): Envelope {
  const timestamp = new Date().toISOString();
  return requestId === undefined ? { type, timestamp, payload } : { type, timestamp, request_id: requestId, payload };
}

export function initPayload(info: InitInfo): Record<string, unknown> {
  return {
    action: "init",
    protocol: 2,
    instance_id: info.instanceId,
    plugin_id: info.pluginId,
    socket_path: info.socketPath,
    log_path: info.logPath,
    data_dir: info.dataDir,
    features: FEATURES,
  };
}

export const pingPayload = { action: "ping" } as const;
export const cancelPayload = { cancel: true } as const;

export function shutdownPayload(graceMs: number): Record<string, unknown> {
  return { action: "shutdown", grace_ms: graceMs };
}

export function errorPayload(error: RemoteError): Record<string, unknown> {
  return { error };
}

function bodyFields(body: Body | { stream: number }): Record<string, unknown> {
  if (body !== null && typeof body === "object" && "stream" in body) return body;
  if (body instanceof Uint8Array) return { body_base64: Buffer.from(body).toString("base64") };
  return { body };
}

/** `body` names the stream on which the bytes follow, or is the whole of it. */
export function httpRequestPayload(
  { method, path, headers }: HttpRequestMessage,
  body: Body | { stream: number },
): Record<string, unknown> {
  return { method, path, headers, ...bodyFields(body) };
}

/** Asks for a WebSocket; each data frame of the stream is a message of the client. */
export function upgradePayload({ method, path, headers }: HttpRequestMessage, stream: number): Record<string, unknown> {
  return { method, path, headers, upgrade: "websocket", stream };
}

/** The receiver of a stream has taken so many bytes: as many more may come. */
export function creditPayload(stream: number, bytes: number): Record<string, unknown> {
  return { stream, credit: bytes };
}

/** The receiver of a stream wants no more of it. */
export function stopPayload(stream: number): Record<string, unknown> {
  return { stream, stop: true };
}

export type StreamControl = { stream: number; stop: true } | { stream: number; stop: false; credit: number };

/** Null where the payload is no word on a stream. */
export function readStreamControl(payload: unknown): StreamControl | null {
  if (!isObject(payload)) return null;
  const { stream, credit, stop } = payload;
  if (typeof stream !== "number") return null;
  if (stop === true) return { stream, stop };
  if (typeof credit !== "number" || !Number.isInteger(credit) || credit < 0) return null;
  return { stream, stop: false, credit };
}

export function kvRequestPayload(operation: KvOperation): Record<string, unknown> {
  return { ...operation };
}

/** Reads the reply to a lifecycle request: init is answered by `ready`, ping by `pong`. */
export function readLifecycleReply(payload: unknown, expected: "ready" | "pong"): Reply<{ features: string[] }> {
  const error = toRemoteError(payload);
  if (error !== null) return { ok: false, error };
  if (!isObject(payload) || payload["action"] !== expected) throw invalid(`expected the reply ${expected}`);
  const features = Array.isArray(payload["features"]) ? payload["features"] : [];
  return { ok: true, value: { features: features.filter((item) => typeof item === "string") } };
}

/** The body of a reply that names a stream is null here. */
export function readHttpReply(payload: unknown): Reply<Omit<HttpResponseMessage, "body"> & { body: Body }> {
  const error = toRemoteError(payload);
  if (error !== null) return { ok: false, error };
  if (!isObject(payload)) throw invalid("the payload of an http reply is not an object");
  const { status } = payload;
  if (typeof status !== "number") throw invalid("an http reply has no numeric status");
  const headers: Headers | null = toHeaders(payload["headers"]);
  if (headers === null) throw invalid("headers map a name to a string or a list of strings");
  return { ok: true, value: { status, headers, body: readBody(payload) } };
}

function readBody(payload: Record<string, unknown>): Body {
  const { body, body_base64: base64 } = payload;
  if (base64 !== undefined && base64 !== null) return readBase64(base64);
  if (body === undefined || body === null) return null;
  if (typeof body === "string") return body;
  throw invalid("a body is a string or null; bytes travel as body_base64");
}

function readBase64(text: unknown): Uint8Array {
  const bytes = Buffer.from(typeof text === "string" ? text : "", "base64");
  // Buffer skips what is no base64: a body that came broken would go on as another one.
  if (bytes.toString("base64") !== text) throw invalid("body_base64 is not base64 by RFC 4648 with padding");
  return bytes;
}

export function readKvReply(payload: unknown): Reply<KvResult> {
  const error = toRemoteError(payload);
  if (error !== null) return { ok: false, error };
  if (!isObject(payload)) throw invalid("the payload of a kv reply is not an object");
  const { keys, value } = payload;
  if (Array.isArray(keys)) {
    return { ok: true, value: { keys: keys.filter((key) => typeof key === "string"), more: payload["more"] === true } };
  }
  if (value !== null && value !== undefined && typeof value !== "string")
    throw invalid("a kv value is a string or null");
  return { ok: true, value: { value: value ?? null } };
}
