import type { Role } from "@toru/http-api";
import type { HttpOptions } from "./http-options.ts";
import { HostLog } from "./host-log.ts";
import { pluginChangeBody } from "./api/plugin-body.ts";
import { IdentityResolver } from "./identity/identity-resolver.ts";
import { LoginThrottle } from "./identity/login-throttle.ts";
import { AllowedHosts } from "./client/allowed-hosts.ts";
import { TrustedProxies } from "./client/trusted-proxies.ts";
import { PasswordHasher } from "./identity/password-hasher.ts";
import { sessionCookieName } from "./identity/session-cookie.ts";
import { ChangeFeed } from "./live/change-feed.ts";
import { LogDownloads } from "./download/log-downloads.ts";
import { LiveStreams } from "./live/live-streams.ts";
import { ReadinessCheck } from "./probe/readiness.ts";
import { RequestCounters } from "./probe/request-counters.ts";

/** What the routes work with: the options, and what lives as long as the handler. */
export interface Services extends HttpOptions {
  /** Browsers reach the host by https only. */
  secure: boolean;
  /** RFC 3339, UTC. */
  hostStartedAt: string;
  log: HostLog;
  proxies: TrustedProxies;
  hosts: AllowedHosts;
  identities: IdentityResolver;
  passwords: PasswordHasher;
  throttle: LoginThrottle;
  changes: Record<Role, ChangeFeed>;
  downloads: LogDownloads;
  liveStreams: LiveStreams;
  requests: RequestCounters;
  readiness: ReadinessCheck;
}

/** Ends with `options.closing`. */
export function makeServices(options: HttpOptions): Services {
  const { accounts, plugins, logs, host, storage, limits, closing, secureCookies: secure = false } = options;
  const log = new HostLog(logs.host);
  const complain = (message: string, error: unknown) => log.complain(message, error);
  const { crashLimit } = limits;
  const feedOf = (role: Role) => new ChangeFeed(plugins, (change) => pluginChangeBody(change, { crashLimit, role }));
  const changes = { admin: feedOf("admin"), user: feedOf("user") };
  const close = () => Object.values(changes).forEach((feed) => feed.close());
  closing.addEventListener("abort", close, { once: true });
  return {
    ...options,
    secure,
    hostStartedAt: new Date(host.clock.now() - (host.clock.monotonic() - host.startedAt)).toISOString(),
    log,
    proxies: new TrustedProxies(options.trustedProxies ?? []),
    hosts: new AllowedHosts(options.allowedHosts ?? []),
    identities: new IdentityResolver({
      accounts,
      clock: host.clock,
      cookieName: sessionCookieName(secure),
      recheckMs: options.liveTimings?.recheckMs,
      complain,
    }),
    passwords: new PasswordHasher(),
    throttle: new LoginThrottle(),
    changes,
    downloads: new LogDownloads({ closing, timings: options.liveTimings ?? {}, complain }),
    liveStreams: new LiveStreams({ closing, timings: options.liveTimings ?? {}, complain }),
    requests: new RequestCounters(),
    readiness: new ReadinessCheck(() => storage.check(), complain),
  };
}
