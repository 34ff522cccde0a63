import { ProtocolError } from "./protocol-error.ts";

export type MessageType = "lifecycle" | "http" | "kv" | "log";

/** The outer form of every message. One without `request_id` expects no reply. */
export interface Message {
  type: MessageType;
  timestamp: string;
  request_id?: string;
  payload: unknown;
}

export type JsonObject = Record<string, unknown>;

/** In place of an answer: `code` is for programs, `message` for people. */
export interface ErrorPayload {
  error: { code: string; message: string };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function errorPayload(code: string, message: string): ErrorPayload {
  return { error: { code, message } };
}

export function makeMessage(type: MessageType, payload: object, requestId?: string): Message {
  const timestamp = new Date().toISOString();
  return requestId === undefined ? { type, timestamp, payload } : { type, timestamp, request_id: requestId, payload };
}

const TYPES: ReadonlySet<unknown> = new Set<MessageType>(["lifecycle", "http", "kv", "log"]);

/** Checks the outer form of what the host sent; unknown fields are left alone. */
export function readMessage(value: JsonObject): Message {
  const { type, request_id: requestId, timestamp, payload } = value;
  if (!TYPES.has(type)) throw new ProtocolError("invalid_message", `a message has the type ${JSON.stringify(type)}`);
  if (requestId !== undefined && requestId !== null && typeof requestId !== "string") {
    throw new ProtocolError("invalid_message", "the request_id of a message is not a string");
  }
  const message: Message = {
    type: type as MessageType,
    timestamp: typeof timestamp === "string" ? timestamp : "",
    payload,
  };
  if (typeof requestId === "string") message.request_id = requestId;
  return message;
}

/** The refusal in a reply, or null where it is an answer. */
export function readError(payload: unknown): { code: string; message: string } | null {
  if (!isObject(payload) || !isObject(payload["error"])) return null;
  const { code, message } = payload["error"];
  return { code: typeof code === "string" ? code : "error", message: typeof message === "string" ? message : "" };
}
