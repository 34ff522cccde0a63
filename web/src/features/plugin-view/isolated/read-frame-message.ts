import type { KvQuery, ToastType } from "@toru/page";
import { MAX_DETAILS_CHARACTERS, MAX_MESSAGE_CHARACTERS, type PageFailure } from "../page-failure.ts";
import type { FetchCall, FrameMessage, KvOperation } from "./messages.ts";

/** Largest body of a request, in bytes. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Longest path and address, in characters. */
export const MAX_PATH_CHARACTERS = 8 * 1024;
/** All names and values of a request's headers together, in characters. */
export const MAX_HEADER_CHARACTERS = 64 * 1024;
/** The host's own limits of keys and values are in bytes, and smaller. */
export const MAX_VALUE_CHARACTERS = 1024 * 1024;
const MAX_KEY_CHARACTERS = 512;
export const MAX_TOAST_CHARACTERS = 500;

const STAGES: readonly PageFailure["stage"][] = ["load", "script", "form", "mount", "later"];
const TOASTS: readonly ToastType[] = ["info", "success", "warning", "error"];

/** What is no message of ours. `id` says which call it was meant to be. */
interface Invalid {
  type: "invalid";
  id: number | null;
  reason: string;
}

class Wrong extends Error {}

/** A frame may send anything: what comes out of here has the form that it should have, and a bounded size. */
export function readFrameMessage(data: unknown): FrameMessage | Invalid {
  const fields = isRecord(data) ? data : {};
  try {
    return readFields(fields);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { type: "invalid", id: isId(fields["id"]) ? fields["id"] : null, reason: error.message };
  }
}

function readFields(fields: Record<string, unknown>): FrameMessage {
  switch (fields["type"]) {
    case "fetch":
      return readFetch(fields);
    case "kv":
      return { type: "kv", id: idOf(fields), ...readKv(fields) };
    case "cancel":
      return { type: "cancel", id: idOf(fields) };
    case "toast":
      return {
        type: "toast",
        message: text(fields["message"], "message", MAX_TOAST_CHARACTERS),
        kind: TOASTS.find((kind) => kind === fields["kind"]) ?? "info",
      };
    case "navigate":
      return { type: "navigate", path: text(fields["path"], "path", MAX_PATH_CHARACTERS) };
    case "started":
      return { type: "started" };
    case "failed":
      return { type: "failed", failure: readFailure(fields["failure"]) };
    case "unmounted":
      return { type: "unmounted", failure: fields["failure"] === null ? null : readFailure(fields["failure"]) };
    default:
      throw new Wrong("it is of no known type");
  }
}

function readFetch(fields: Record<string, unknown>): FetchCall {
  const { headers, body, method } = fields;
  if (!Array.isArray(headers) || !headers.every(isPair)) throw new Wrong("headers must be pairs of text");
  const characters = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (characters > MAX_HEADER_CHARACTERS) throw new Wrong(`headers are over ${MAX_HEADER_CHARACTERS} characters`);
  if (body !== null && !(body instanceof ArrayBuffer)) throw new Wrong("body must be bytes or null");
  if (body !== null && body.byteLength > MAX_BODY_BYTES) {
    throw new Wrong(`a body has at most ${MAX_BODY_BYTES / 1024 / 1024} MiB in an isolated page`);
  }
  const path = text(fields["path"], "path", MAX_PATH_CHARACTERS);
  return { type: "fetch", id: idOf(fields), path, method: text(method, "method", 20), headers, body };
}

function readKv(fields: Record<string, unknown>): KvOperation {
  const key = () => text(fields["key"], "key", MAX_KEY_CHARACTERS);
  switch (fields["action"]) {
    case "get":
    case "delete":
      return { action: fields["action"], key: key() };
    case "set":
      return { action: "set", key: key(), value: text(fields["value"], "value", MAX_VALUE_CHARACTERS) };
    case "list":
      return { action: "list", query: readQuery(fields["query"]) };
    default:
      throw new Wrong("kv has no such action");
  }
}

function readQuery(query: unknown): KvQuery {
  if (!isRecord(query)) throw new Wrong("query must be an object");
  const { prefix, after, limit } = query;
  if (limit !== undefined && typeof limit !== "number") throw new Wrong("limit must be a number");
  return {
    ...(prefix !== undefined && { prefix: text(prefix, "prefix", MAX_KEY_CHARACTERS) }),
    ...(after !== undefined && { after: text(after, "after", MAX_KEY_CHARACTERS) }),
    ...(limit !== undefined && { limit }),
  };
}

function readFailure(failure: unknown): PageFailure {
  if (!isRecord(failure)) throw new Wrong("failure must be an object");
  const stage = STAGES.find((stage) => stage === failure["stage"]);
  if (stage === undefined) throw new Wrong("failure has no known stage");
  const { message, details } = failure;
  return {
    stage,
    message: text(message, "message", MAX_MESSAGE_CHARACTERS),
    details: details === null ? null : text(details, "details", MAX_DETAILS_CHARACTERS),
  };
}

function text(value: unknown, name: string, maxCharacters: number): string {
  if (typeof value !== "string") throw new Wrong(`${name} must be text`);
  if (value.length > maxCharacters) throw new Wrong(`${name} is over ${maxCharacters} characters`);
  return value;
}

function idOf({ id }: Record<string, unknown>): number {
  if (!isId(id)) throw new Wrong("id must be a number");
  return id;
}

function isId(id: unknown): id is number {
  return typeof id === "number" && Number.isSafeInteger(id);
}

function isPair(pair: unknown): pair is [string, string] {
  return Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
