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

/** One whose outer form was checked. */
export interface ReceivedMessage extends Message {
  payload: JsonObject;
}

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
export function readMessage(value: JsonObject): ReceivedMessage {
  const { type, request_id: requestId, timestamp, payload } = value;
  if (!TYPES.has(type)) throw new ProtocolError("invalid_message", `a message has a type ${quote(type)}`);
  if (requestId !== undefined && requestId !== null && typeof requestId !== "string") {
    throw new ProtocolError("invalid_message", "the request_id of a message is not a string");
  }
  if (!isObject(payload)) throw new ProtocolError("invalid_message", "the payload of a message is not an object");
  const message: ReceivedMessage = {
    type: type as MessageType,
    timestamp: typeof timestamp === "string" ? timestamp : "",
    payload,
  };
  if (typeof requestId === "string") message.request_id = requestId;
  return message;
}

/** What came in place of a known word, at no length and at no depth. */
export function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : "that is not text";
}

/** The refusal in a reply, or null where it is an answer. */
export function readError(payload: unknown): { code: string; message: string } | null {
  if (!isObject(payload) || !isObject(payload["error"])) return null;
  const { code, message } = payload["error"];
  return { code: typeof code === "string" ? code : "error", message: typeof message === "string" ? message : "" };
}
