import { ProtocolError } from "./protocol-error.ts";
import type { Envelope, Headers, MessageType, RemoteError, LogMessage } from "./messages.ts";

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function invalid(what: string): ProtocolError {
  return new ProtocolError("invalid_message", what);
}

const TYPES: ReadonlySet<string> = new Set<MessageType>(["lifecycle", "http", "kv", "log"]);

/** Checks the outer form. `timestamp` is accepted whatever it holds: no decision of the host rests on it. */
export function toEnvelope(value: JsonObject): Envelope {
  const { type, request_id: id, payload, timestamp } = value;
  if (typeof type !== "string" || !TYPES.has(type)) {
    throw invalid(`a message has the type ${JSON.stringify(type) ?? "(none)"}; known are ${[...TYPES].join(", ")}`);
  }
  if (id !== undefined && id !== null && typeof id !== "string") throw invalid("request_id is not a string");
  const envelope: Envelope = {
    type: type as MessageType,
    timestamp: typeof timestamp === "string" ? timestamp : "",
    payload,
  };
  if (typeof id === "string") envelope.request_id = id;
  return envelope;
}

/** Null where the value is no map of a name to a string (numbers and booleans count as their text) or a list of them. */
export function toHeaders(value: unknown): Headers | null {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return null;
  const headers: Headers = Object.create(null) as Headers;
  for (const name of Object.keys(value)) {
    const raw = value[name];
    if (Array.isArray(raw)) {
      if (!raw.every((item) => typeof item === "string")) return null;
      headers[name.toLowerCase()] = raw;
    } else if (typeof raw === "string") headers[name.toLowerCase()] = raw;
    else if (typeof raw === "number" || typeof raw === "boolean") headers[name.toLowerCase()] = String(raw);
    else if (raw !== null) return null;
  }
  return headers;
}

/** The `{"error": {"code", "message"}}` of a failed request, or null where the payload is something else. */
export function toRemoteError(payload: unknown): RemoteError | null {
  if (!isObject(payload) || payload["error"] === undefined || payload["error"] === null) return null;
  const error = payload["error"];
  if (!isObject(error)) return { code: "error", message: asText(error) };
  return { code: asText(error["code"] ?? "error"), message: asText(error["message"] ?? "") };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

const LEVELS: Record<string, LogMessage["level"]> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  fatal: "error",
};

/** Maps the names that logging libraries use, in any case, to our four; null for any other. */
export function toLogLevel(value: unknown): LogMessage["level"] | null {
  return typeof value === "string" ? (LEVELS[value.toLowerCase()] ?? null) : null;
}

export function toLogMessage(payload: unknown): LogMessage {
  const inner = isObject(payload) && isObject(payload["payload"]) ? payload["payload"] : payload;
  if (!isObject(inner)) throw invalid("the payload of a log message is not an object");
  const log: LogMessage = { level: toLogLevel(inner["level"]) ?? "info", message: asText(inner["message"] ?? "") };
  if (inner["error"] !== undefined && inner["error"] !== null) log.error = asText(inner["error"]);
  if (isObject(inner["fields"])) log.fields = inner["fields"];
  return log;
}
