import type { JsonObject } from "../codec/message.ts";
import { EXAM_HEADERS } from "../subject/exam-headers.ts";
import type { V2Connection } from "../subject/v2-connection.ts";

/** The payload of an http request of version 2. */
export function httpRequest(path: string, more: JsonObject = {}): JsonObject {
  return { method: "GET", path, headers: EXAM_HEADERS, ...("body_base64" in more ? {} : { body: null }), ...more };
}

/** Sends an http request and returns the payload of its reply, which may be an error. */
export function askHttp(connection: V2Connection, path: string, more?: JsonObject): Promise<JsonObject> {
  return connection.ask("http", httpRequest(path, more));
}

/** Sends several at once and returns the payloads of their replies. */
export function askTogether(connection: V2Connection, paths: readonly string[]): Promise<JsonObject[]> {
  return Promise.all(paths.map((path) => askHttp(connection, path)));
}

/** Asks the plugin for `pong`, which proves that it has read everything that was sent before. */
export async function ping(connection: V2Connection, limitMs = 5_000): Promise<JsonObject> {
  return connection.ask("lifecycle", { action: "ping" }, limitMs);
}
