import type {
  HttpRequestMessage,
  HttpResponseMessage,
  KvOperation,
  KvResult,
  UpgradeAnswer,
  WebSocketMessages,
} from "@toru/protocol";
import type { Manifest } from "../manifest.ts";
import type { Crash } from "../crash.ts";
import type { PluginEventType, PluginState } from "../plugin-state.ts";

/** A file in the plugins folder that cannot be a plugin, with the reason in words. */
export interface InvalidPlugin {
  kind: "invalid";
  file: string;
  id: string | null;
  reason: string;
}

export interface InstalledPlugin {
  kind: "installed";
  file: string;
  manifest: Manifest;
  enabled: boolean;
  state: PluginState;
  pid: number | null;
  /** Milliseconds since the process started; null where none runs. */
  uptimeMs: number | null;
  /** Starts after a crash or by a person, since the host started. */
  restarts: number;
  /** Crashes in a row. */
  crashes: number;
  lastCrash: Crash | null;
  /** Milliseconds until the next start of a plugin in backoff. */
  retryInMs: number | null;
  /** Something about the file that a person should know although the plugin runs. */
  problem: string | null;
  /** Changes when its executable or the bundle file beside it changes on disk; equal otherwise. */
  revision: string;
  /** Somebody works on it just now: missed health checks do not end it, and its page follows each new revision. */
  isInDevelopment: boolean;
}

export type PluginSnapshot = InstalledPlugin | InvalidPlugin;

/** Outcomes of a request to a plugin that are not its answer. The set is closed; `docs/errors.md` lists it. */
export type ForwardErrorCode =
  /** Disabled, invalid or gone. */
  | "not_available"
  /** Starting, stopping, waiting to be restarted, or its connection is being made again. */
  | "not_ready"
  /** It died or the connection was lost while the request was in flight. */
  | "died"
  | "protocol_error"
  /** It answered with an error of its own, or closed without an answer. */
  | "plugin_error"
  | "timeout"
  | "too_large"
  | "not_text"
  /** Too many requests wait for this plugin. */
  | "busy"
  /** It does not handle this type of message. */
  | "unsupported"
  /** The caller is gone. */
  | "cancelled";

export interface ForwardError {
  code: ForwardErrorCode;
  message: string;
  /** A hint for `Retry-After`, with `not_ready` and `busy`. */
  retryAfterMs?: number;
}

export type ForwardResult<T> = { ok: true; value: T } | { ok: false; error: ForwardError };

/** Who waits for an answer. A `Request` is one. */
export interface Caller {
  /** Aborted when nobody waits any more. A server makes it only when it is asked for, and that costs. */
  readonly signal: AbortSignal;
}

/** Where requests for one plugin go. Valid for one look-up: ask the host again for the next request. */
export interface PluginTarget {
  readonly id: string;
  readonly protocol: 1 | 2;
  /** Whether it takes bodies as streams, just now. */
  readonly takesStreams: boolean;
  readonly takesWebSockets: boolean;
  /** `messages` are those of the client; they are read only where the plugin accepts. */
  upgrade(
    request: HttpRequestMessage,
    messages: WebSocketMessages,
    caller: Caller | null,
  ): Promise<ForwardResult<UpgradeAnswer>>;
  http(request: HttpRequestMessage, caller: Caller | null): Promise<ForwardResult<HttpResponseMessage>>;
  kv(operation: KvOperation, caller: Caller | null): Promise<ForwardResult<KvResult>>;
}

export type ManageErrorCode = "not_found" | "invalid" | "route_taken" | "not_enabled" | "not_saved" | "stopping_host";

export type ManageResult =
  | { ok: true; plugin: InstalledPlugin }
  | { ok: false; code: ManageErrorCode; message: string };

export type BundleResult =
  | { ok: true; script: string | Uint8Array }
  | { ok: false; code: "not_found"; message: string }
  /** There is no file, and the plugin cannot be asked just now. */
  | { ok: false; code: "not_answered"; error: ForwardError };

/** Where what belongs to a plugin lies. Absolute. */
export interface PluginPaths {
  /** The executable. */
  file: string;
  /** The newest log file. */
  log: string;
  /** Its own folder. */
  data: string;
  socket: string;
}

/** A change that the panel shows. `plugin` is null where the file is gone. */
export interface PluginChange {
  id: string | null;
  file: string;
  plugin: PluginSnapshot | null;
  /** What was recorded together with the change, if anything. */
  event: { type: PluginEventType; timestamp: string; details: Record<string, unknown> } | null;
}

/** The supervisor, as the HTTP side sees it. */
export interface PluginHost {
  /** Ordered by file name. */
  list(): PluginSnapshot[];
  /** The installed plugin of this id, else an invalid file that claims it, else null. */
  get(id: string): PluginSnapshot | null;
  /** Resolves when the plugin has been told, not when it runs: the snapshot is the plugin as it is then. */
  enable(id: string): Promise<ManageResult>;
  disable(id: string): Promise<ManageResult>;
  restart(id: string): Promise<ManageResult>;
  /** It is in development for the next `leaseMs` milliseconds; 0 ends that. */
  develop(id: string, leaseMs: number): Promise<ManageResult>;
  /** By route segment without the slash, case-insensitive. Null where no enabled plugin has it. Constant time. */
  byRoute(segment: string): PluginTarget | null;
  byId(id: string): PluginTarget | null;
  bundle(id: string, signal: AbortSignal | null): Promise<BundleResult>;
  /** Null where there is no such plugin. What has not run yet has no file at these paths but its executable. */
  paths(id: string): PluginPaths | null;
  /** Calls back after every change, in order. Returns the function that ends it. */
  subscribe(listener: (change: PluginChange) => void): () => void;
  /** Counters since the host started, for `/metrics`. */
  counters(): HostCounters;
}

export interface HostCounters {
  /** Per plugin id. */
  plugins: Map<string, { requests: number; errors: number; crashes: number; droppedReplies: number }>;
}
