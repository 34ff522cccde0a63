import type { Caller, ForwardError, ForwardResult } from "@toru/core";
import type {
  HttpRequestMessage,
  HttpResponseMessage,
  KvOperation,
  KvResult,
  LogMessage,
  UpgradeAnswer,
  WebSocketMessages,
} from "@toru/protocol";

/** Requests that may wait for one plugin at a time. */
export const MAX_WAITING_REQUESTS = 1024;
/** What a client is told to wait when a plugin has no room. */
const BUSY_RETRY_MS = 1_000;

/** The conversation with one running plugin, whichever version it speaks. */
export interface PluginLink {
  /** Whether bodies may be streams, both ways. */
  readonly takesStreams: boolean;
  readonly takesWebSockets: boolean;
  http(request: HttpRequestMessage, caller: Caller | null): Promise<ForwardResult<HttpResponseMessage>>;
  /** `messages` are those of the client; they are read only where the plugin accepts. */
  upgrade(
    request: HttpRequestMessage,
    messages: WebSocketMessages,
    caller: Caller | null,
  ): Promise<ForwardResult<UpgradeAnswer>>;
  kv(operation: KvOperation, caller: Caller | null): Promise<ForwardResult<KvResult>>;
  /** Asks how the plugin is, within the health interval. */
  checkHealth(): Promise<HealthReport>;
  /** Tells it to stop, with the time it has. Never rejects, and does not wait for the end of the process. */
  shutdown(graceMs: number): Promise<void>;
  /** Ends every wait on it: requests in flight fail with `error`. */
  close(error: ForwardError): void;
  /** Replies that matched no request. */
  readonly droppedReplies: number;
}

export type HealthReport = { ok: true } | { ok: false; reason: string };

export type LinkError = { code: string; message: string };

/** In place of an answer of the host's that its frame limit does not let through. */
export const ANSWER_TOO_LARGE: LinkError = {
  code: "too_large",
  message: "the answer does not fit a frame of this host",
};

/** What a plugin may ask of the host while they talk. */
export interface PluginServices {
  kv(input: unknown): Promise<{ ok: true; value: KvResult } | { ok: false; error: LinkError }>;
  /** Null, or a promise to wait for before more is read from the plugin. */
  log(message: LogMessage): Promise<void> | null;
  /** Whether requests for other plugins are on their way: what it wants of its own accord takes second place then. */
  othersAreAsked(): boolean;
  /** Something the plugin did that its author should know, in the supervisor's log. */
  warn(message: string): void;
}

export interface LinkLimits {
  maxFrameBytes: number;
  requestTimeoutMs: number;
  kvTimeoutMs: number;
  healthIntervalMs: number;
  startTimeoutMs: number;
}

/** For a body that was to be streamed, when the link takes no streams any more. */
export function streamless(): { ok: false; error: ForwardError } {
  const message = "the connection to the plugin was made anew, without streams; send the request again";
  return { ok: false, error: { code: "not_ready", message, retryAfterMs: BUSY_RETRY_MS } };
}

export function busy(): { ok: false; error: ForwardError } {
  const message = `${MAX_WAITING_REQUESTS} requests already wait for this plugin`;
  return { ok: false, error: { code: "busy", message, retryAfterMs: BUSY_RETRY_MS } };
}

export function tooLarge(maxFrameBytes: number): { ok: false; error: ForwardError } {
  const message = `the request, encoded for the plugin, is larger than a frame may be (${maxFrameBytes} bytes)`;
  return { ok: false, error: { code: "too_large", message } };
}

export function timedOut(limitMs: number): { ok: false; error: ForwardError } {
  return { ok: false, error: { code: "timeout", message: `the plugin did not answer within ${limitMs / 1000} s` } };
}

export function cancelled(): { ok: false; error: ForwardError } {
  return { ok: false, error: { code: "cancelled", message: "the client went away before the plugin answered" } };
}
