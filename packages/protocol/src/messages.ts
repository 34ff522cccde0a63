import type { Body } from "./body.ts";

export type MessageType = "lifecycle" | "http" | "kv" | "log";

/** The outer form of every message of both versions. A message without `request_id` expects no reply. */
export interface Envelope {
  type: MessageType;
  timestamp: string;
  request_id?: string;
  payload: unknown;
}

/** Lower-case names; several values of one name as a list. */
export type Headers = Record<string, string | string[]>;

export interface HttpRequestMessage {
  method: string;
  path: string;
  headers: Headers;
  /** A stream only for a plugin that takes streams. */
  body: Body | ReadableStream<Uint8Array>;
}

export interface HttpResponseMessage {
  status: number;
  headers: Headers;
  /**
   * Who gets a stream reads or cancels it; a piece is valid until the next one is asked for. Who has sent bytes may `release`
   * them.
   */
  body: Body | ReadableStream<Uint8Array>;
}

/** The messages of one direction of a WebSocket. */
export type WebSocketMessages = ReadableStream<string | Uint8Array>;

/** A plugin takes a WebSocket up, or answers as to any other request. */
export type UpgradeAnswer =
  | { accepted: true; headers: Headers; messages: WebSocketMessages }
  | { accepted: false; response: HttpResponseMessage };

export type KvOperation =
  | { action: "get"; key: string }
  | { action: "set"; key: string; value: string }
  | { action: "delete"; key: string }
  | { action: "list"; prefix: string; after: string | null; limit: number };

export type KvResult = { value: string | null } | { keys: string[]; more: boolean };

export interface LogMessage {
  level: "debug" | "info" | "warn" | "error";
  message: string;
  error?: string;
  fields?: Record<string, unknown>;
}

/** A failed request, as either side reports it in place of an answer. */
export interface RemoteError {
  code: string;
  message: string;
}

export type Reply<T> = { ok: true; value: T } | { ok: false; error: RemoteError };

/** What the host tells a plugin when it starts. */
export interface InitInfo {
  pluginId: string;
  instanceId: string;
  socketPath: string;
  logPath: string;
  dataDir: string;
}
