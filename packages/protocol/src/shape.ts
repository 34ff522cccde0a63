import { ProtocolError } from "./protocol-error.ts";
import type { Envelope, Headers, MessageType, RemoteError, LogMessage } from "./messages.ts";

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function invalid(what: string): ProtocolError {
  return new ProtocolError("invalid_message", what);
}

/** Deepest nesting of objects and lists that is passed on: `JSON.stringify` of a far deeper one ends in a RangeError. */
export const MAX_NESTING_LEVELS = 100;

/** Whether objects and lists are nested deeper than `levels`; `{}` is 1 level, a string or number 0. */
export function nestsDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeperThan(inner, levels - 1));
}

/** The JSON text of a value that the peer sent. */
export function jsonText(value: unknown): string {
  if (nestsDeeperThan(value, MAX_NESTING_LEVELS)) {
    throw invalid(`a message holds a value that is nested deeper than ${MAX_NESTING_LEVELS} levels`);
  }
  return JSON.stringify(value) ?? "";
}

const MAX_EXCERPT_CHARACTERS = 80;

/** What a peer sent in place of a known word, short enough for a message to people. */
export function quote(value: unknown): string {
  if (value === undefined) return "(none)";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "(a list)" : "(an object)";
  const text = JSON.stringify(value);
  return text.length > MAX_EXCERPT_CHARACTERS ? `${text.slice(0, MAX_EXCERPT_CHARACTERS)}…` : text;
}

const TYPES: ReadonlySet<string> = new Set<MessageType>(["lifecycle", "http", "kv", "log"]);

/** Checks the outer form. `timestamp` is accepted whatever it holds: no decision of the host rests on it. */
export function toEnvelope(value: JsonObject): Envelope {
  const { type, request_id: id, payload, timestamp } = value;
  if (typeof type !== "string" || !TYPES.has(type)) {
    throw invalid(`a message has the type ${quote(type)}; known are ${[...TYPES].join(", ")}`);
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

/**
 * Null where the value is no map of a name to a string (numbers and booleans count as their text) or a list of them.
 * Names that differ only in case are one header of several values.
 */
export function toHeaders(value: unknown): Headers | null {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return null;
  const headers: Headers = Object.create(null) as Headers;
  for (const [rawName, raw] of Object.entries(value)) {
    if (raw === null) continue;
    const given = headerValue(raw);
    if (given === null) return null;
    const name = rawName.toLowerCase();
    const earlier = headers[name];
    headers[name] = earlier === undefined ? given : [earlier, given].flat();
  }
  return headers;
}

function headerValue(raw: unknown): string | string[] | null {
  if (typeof raw === "string") return raw;
  if (typeof raw === "number" || typeof raw === "boolean") return String(raw);
  return Array.isArray(raw) && raw.every((item) => typeof item === "string") ? raw : null;
}

/** The `{"error": {"code", "message"}}` of a failed request, or null where the payload is something else. */
export function toRemoteError(payload: unknown): RemoteError | null {
  if (!isObject(payload) || payload["error"] === undefined || payload["error"] === null) return null;
  const error = payload["error"];
  if (!isObject(error)) return { code: "error", message: asText(error) };
  return { code: asText(error["code"] ?? "error"), message: asText(error["message"] ?? "") };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : jsonText(value);
}

const LEVELS: ReadonlyMap<string, LogMessage["level"]> = new Map([
  ["trace", "debug"],
  ["debug", "debug"],
  ["info", "info"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["error", "error"],
  ["fatal", "error"],
]);

/** Maps the names that logging libraries use, in any case, to our four; null for any other. */
export function toLogLevel(value: unknown): LogMessage["level"] | null {
  return typeof value === "string" ? (LEVELS.get(value.toLowerCase()) ?? null) : null;
}

export function toLogMessage(payload: unknown): LogMessage {
  const inner = isObject(payload) && isObject(payload["payload"]) ? payload["payload"] : payload;
  if (!isObject(inner)) throw invalid("the payload of a log message is not an object");
  const log: LogMessage = { level: toLogLevel(inner["level"]) ?? "info", message: asText(inner["message"] ?? "") };
  if (inner["error"] !== undefined && inner["error"] !== null) log.error = asText(inner["error"]);
  if (isObject(inner["fields"])) {
    if (nestsDeeperThan(inner["fields"], MAX_NESTING_LEVELS)) {
      throw invalid(`the fields of a log message are nested deeper than ${MAX_NESTING_LEVELS} levels`);
    }
    log.fields = inner["fields"];
  }
  return log;
}
