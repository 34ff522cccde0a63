import type { ForwardError, ForwardResult } from "@toru/core";
import {
  type Headers,
  isObject,
  type MessageType,
  ProtocolError,
  type Reply,
  STREAM_WINDOW_BYTES,
} from "@toru/protocol";
import type { IncomingStream } from "./streams/incoming-stream.ts";

/** What became of a request: the payload of its reply, with the stream that the reply names. */
export type Outcome =
  | { ok: true; payload: unknown; incoming: IncomingStream | null }
  | { ok: false; error: ForwardError };

/** A kv message names an action only when it asks for something; an http message a method. */
export function isRequest(type: MessageType, payload: unknown): boolean {
  if (!isObject(payload)) return false;
  return type === "kv" ? "action" in payload : type === "http" && "method" in payload;
}

export function lost(fault: ProtocolError | null): { ok: false; error: ForwardError } {
  if (fault === null) return { ok: false, error: { code: "died", message: "the connection to the plugin was lost" } };
  return { ok: false, error: { code: "protocol_error", message: `the plugin broke the protocol: ${fault.message}` } };
}

/** A reply that has the wrong shape counts as an error of the plugin. */
export function read<T>(parse: () => Reply<T>): Reply<T> {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { ok: false, error: { code: "protocol_error", message: error.message } };
  }
}

export function toResult<T>(reply: Reply<T>): ForwardResult<T> {
  if (reply.ok) return reply;
  const code = reply.error.code === "protocol_error" ? "protocol_error" : "plugin_error";
  return {
    ok: false,
    error: { code, message: `the plugin answered with an error: ${reply.error.message} (${reply.error.code})` },
  };
}

/** Whether the plugin says that the body fits the window of its stream. */
export function fitsWindow(headers: Headers): boolean {
  const length = headers["content-length"];
  return typeof length === "string" && Number(length) <= STREAM_WINDOW_BYTES;
}
