import type { JsonObject } from "../codec/message.ts";
import { EXAM_HEADERS } from "./exam-headers.ts";
import { INSTANCE_ID } from "./environment.ts";
import type { RunningPlugin } from "./running-plugin.ts";
import type { V1Message } from "./v1-exchange.ts";

/** The messages of the host in version 1, each in a shape that both kinds of reader accept. */

export function v1Init({ paths }: RunningPlugin): V1Message {
  const { socketPath, logPath } = paths;
  const where = { plugin_socket: socketPath, socket_path: socketPath, log_path: logPath };
  return envelope("lifecycle", { type: "lifecycle", action: "init", instance_id: INSTANCE_ID, ...where });
}

export function v1Shutdown(): V1Message {
  return envelope("lifecycle", { type: "lifecycle", action: "shutdown" });
}

export function v1Http(id: string, path: string, request: JsonObject = {}): V1Message {
  const payload = { method: "GET", path, headers: EXAM_HEADERS, body: null, ...request };
  return envelope("http", { type: "http", request_id: id, payload }, id);
}

export function v1Kv(id: string, action: "get" | "set" | "delete", key: string, value: string | null): V1Message {
  const capital = action.charAt(0).toUpperCase() + action.slice(1);
  const payload = { type: "kv", request_id: id, action: capital, key, value, payload: { action, key, value } };
  return envelope("kv", payload, id);
}

function envelope(type: V1Message["type"], payload: JsonObject, id?: string): V1Message {
  const timestamp = new Date().toISOString();
  return id === undefined ? { type, timestamp, payload } : { type, timestamp, request_id: id, payload };
}
