import type { AccountStore, Clock, EventStore, KvStore, LogStore, PluginHost, ResourceMonitor } from "@toru/core";
import type { WebSocketTunnel } from "./forward/web-socket-tunnel.ts";
import type { SetupGate } from "./identity/setup-gate.ts";

/** What the handler needs of Bun's server. */
export type ServerPort = Pick<Bun.Server<WebSocketTunnel>, "requestIP" | "timeout" | "upgrade">;

export interface HttpOptions {
  plugins: PluginHost;
  kv: KvStore;
  events: EventStore;
  accounts: AccountStore;
  logs: LogStore;
  resources: ResourceMonitor;
  host: {
    version: string;
    instanceId: string;
    /** Where it listens. */
    url: string;
    pluginsDir: string;
    /** By the clock's `monotonic`, in milliseconds. */
    startedAt: number;
    clock: Clock;
  };
  storage: { check(): Promise<void> };
  limits: {
    /** Largest frame that plugins are sent, in bytes; a request's body is never read further than that. */
    maxFrameBytes: number;
    /** Largest body that is streamed to a plugin, in bytes; Infinity where there is no limit. */
    maxBodyBytes: number;
    crashLimit: number;
  };
  /** Where browsers reach the host by https only, also through a proxy. */
  secureCookies?: boolean;
  /** Names by which browsers may call the host, besides IP addresses and localhost: `AllowedHosts`. */
  allowedHosts?: readonly string[];
  /** Addresses and networks of the proxies whose word about a client counts: `TrustedProxies`. */
  trustedProxies?: readonly string[];
  /** Aborted when the host stops: live streams end. */
  closing: AbortSignal;
  setup: SetupGate;
  /** The panel's files: asked for GET and HEAD of paths that are nobody else's. Null where it has none there. */
  panel?: (path: string, request: Request) => Response | Promise<Response> | null;
  /** Shorter ones for tests. */
  liveTimings?: Partial<LiveTimings>;
}

/** In milliseconds. */
export interface LiveTimings {
  heartbeatMs: number;
  /** How often it is asked whether those who have something open are still signed in. */
  recheckMs: number;
  /** How long a reader may leave what is queued for it unread. */
  stallMs: number;
}

export type Answer = Response | undefined;

export interface HttpHandler {
  /** For the public socket. Undefined where the request became a WebSocket. */
  fetch(request: Request, server: ServerPort): Answer | Promise<Answer>;
  /** For the control socket: whoever can open it is the admin "local". */
  local(request: Request, server: ServerPort): Answer | Promise<Answer>;
  openApiDocument(): object;
}
