import type {
  Envelope,
  Headers,
  HttpRequestMessage,
  HttpResponseMessage,
  InitInfo,
  KvOperation,
  KvResult,
  RemoteError,
  Reply,
} from "./messages.ts";
import { invalid, isObject, jsonText, toHeaders, toRemoteError, type JsonObject } from "./shape.ts";
import { envelope } from "./v2.ts";

/** What a version 1 message can carry: text bodies and one string per header name. */
export interface V1HttpRequest extends Omit<HttpRequestMessage, "body"> {
  body: string | null;
}

/** `plugin_socket` and `socket_path` are the same value: deployed readers look for one or the other. */
export function initMessage(info: InitInfo): Envelope {
  return envelope("lifecycle", {
    type: "lifecycle",
    action: "init",
    instance_id: info.instanceId,
    plugin_socket: info.socketPath,
    socket_path: info.socketPath,
    log_path: info.logPath,
  });
}

export function shutdownMessage(): Envelope {
  return envelope("lifecycle", { type: "lifecycle", action: "shutdown" });
}

export function httpMessage(requestId: string, request: V1HttpRequest): Envelope {
  const headers = Object.create(null) as Record<string, string>; // "__proto__" is a legal header name
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  const payload = { method: request.method, path: request.path, headers, body: request.body };
  return envelope("http", { type: "http", request_id: requestId, payload }, requestId);
}

export type V1KvOperation = Exclude<KvOperation, { action: "list" }>;

export function kvMessage(requestId: string, operation: V1KvOperation): Envelope {
  const { action, key } = operation;
  const value = operation.action === "set" ? operation.value : null;
  const titled = { get: "Get", set: "Set", delete: "Delete" }[action];
  const payload = { type: "kv", request_id: requestId, action: titled, key, value, payload: { action, key, value } };
  return envelope("kv", payload, requestId);
}

/** The host's answer to a kv request that a version 1 plugin sent before its reply. */
export function kvReplyMessage(requestId: string, result: KvResult): Envelope {
  return envelope("kv", { type: "kv", request_id: requestId, ...result }, requestId);
}

export function kvErrorMessage(requestId: string, error: RemoteError): Envelope {
  return envelope("kv", { type: "kv", request_id: requestId, error }, requestId);
}

/** The request inside a plugin's own kv message, whichever of the two forms it has. */
export function kvRequestInput(payload: unknown): unknown {
  return isObject(payload) && isObject(payload["payload"]) ? payload["payload"] : payload;
}

/** An answer with a status is one, whatever else it says: deployed plugins may add an `error` of their own. */
export function readHttpReply(payload: unknown): Reply<HttpResponseMessage> {
  const answer = unwrap(payload, "status");
  const { status } = answer;
  if (status === undefined || status === null) {
    const error = toRemoteError(answer);
    if (error !== null) return { ok: false, error };
  }
  if (typeof status !== "number") throw invalid("an http reply has no numeric status");
  const headers: Headers | null = toHeaders(answer["headers"]);
  if (headers === null) throw invalid("headers map a name to a string");
  return { ok: true, value: { status, headers, body: textOf(answer["body"]) } };
}

export function readKvReply(payload: unknown): Reply<{ value: string | null }> {
  const answer = unwrap(payload, "value");
  const { value } = answer;
  if (value === undefined || value === null) {
    const error = toRemoteError(answer);
    if (error !== null) return { ok: false, error };
  }
  return { ok: true, value: { value: textOf(value) } };
}

/** The answer itself: direct, or as JSON text in the body of a wrapped request-shaped payload. */
function unwrap(payload: unknown, field: "status" | "value"): JsonObject {
  if (!isObject(payload)) throw invalid("the payload of a reply is not an object");
  if (holdsAnswer(payload, field)) return payload;
  const inner = payload["payload"];
  if (!isObject(inner)) throw invalid(`a reply has neither ${field} nor a wrapped payload`);
  if (holdsAnswer(inner, field)) return inner;
  const body = inner["body"];
  const answer = typeof body === "string" ? parseJson(body) : body;
  if (!isObject(answer)) throw invalid("the body of a wrapped reply is not the JSON text of an answer");
  return answer;
}

function holdsAnswer(value: JsonObject, field: string): boolean {
  return Object.hasOwn(value, field) || toRemoteError(value) !== null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(`the body of a wrapped reply is not JSON: ${String(cause)}`);
  }
}

/** A body that is an object or a list rather than a string is its JSON text. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : jsonText(value);
}
