import { CodecError, frameOf } from "./frame.ts";

export const MESSAGE_TYPES = ["lifecycle", "http", "kv", "log"] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

export type JsonObject = Record<string, unknown>;

export interface Message {
  type: MessageType;
  timestamp?: unknown;
  request_id?: string;
  payload: JsonObject;
}

const OPENING_BRACE = 0x7b;

/** Reads the payload of one frame. Throws a CodecError that says what is wrong with it. */
export function parseMessage(payload: Uint8Array): Message {
  const [first = 0] = payload;
  if (first !== OPENING_BRACE) {
    const byte = `0x${first.toString(16).padStart(2, "0")}`;
    throw new CodecError("frame_kind", `a frame starts with byte ${byte}; a JSON message starts with {`);
  }
  const value = parseJson(decodeUtf8(payload));
  const { type, request_id: id, payload: content } = value;
  if (!MESSAGE_TYPES.some((known) => known === type)) {
    throw new CodecError("invalid_message", `type is ${shown(type)}, none of ${MESSAGE_TYPES.join(", ")}`);
  }
  if (id !== undefined && id !== null && typeof id !== "string") {
    throw new CodecError("invalid_message", `request_id is ${shown(id)}, not a string`);
  }
  if (!isObject(content)) throw new CodecError("invalid_message", "payload is not an object");
  return value as unknown as Message;
}

/** At no length, and at no depth: `JSON.stringify` of a very deep value fails. */
function shown(value: unknown): string {
  if (value === undefined) return "missing";
  return typeof value === "object" && value !== null ? "an object or a list" : JSON.stringify(value).slice(0, 80);
}

/** A message as a frame. */
export function encodeMessage(message: object): Uint8Array {
  return frameOf(new TextEncoder().encode(JSON.stringify(message)));
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object in a text, null where it holds anything else. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whether lists and objects are nested deeper than `levels`, the outermost one being the first. */
export function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeper(inner, levels - 1));
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CodecError("invalid_utf8", `a message is not valid UTF-8: ${String(cause)}`);
  }
}

function parseJson(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new CodecError("invalid_json", `a message is not valid JSON: ${String(cause)}`);
  }
  throw new CodecError("invalid_json", "a message is not one JSON object");
}
