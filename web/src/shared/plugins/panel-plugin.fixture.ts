import type { InstalledPlugin, InvalidPlugin } from "./plugin.ts";

/** For tests: a plugin that runs, but for what is said otherwise. */
export function installedPlugin(part: Partial<InstalledPlugin> = {}): InstalledPlugin {
  const id = part.id ?? "acme";
  return {
    kind: "installed",
    id,
    file: `${id}.binary`,
    name: id,
    version: "1.0.0",
    icon: "box",
    route: `/${id}`,
    author: null,
    description: null,
    homepage: null,
    license: null,
    isolation: "none",
    protocol: 2,
    handles: ["http"],
    enabled: true,
    status: "running",
    health: "healthy",
    health_reason: null,
    pid: 1,
    uptime_ms: 0,
    restarts: 0,
    crashes: 0,
    crash_limit: 10,
    crash: null,
    retry_in_ms: null,
    problem: null,
    revision: "1",
    development: false,
    startedAt: 0,
    retryAt: null,
    ...part,
  };
}

export function invalidPlugin(part: Partial<InvalidPlugin> = {}): InvalidPlugin {
  return { kind: "invalid", id: null, file: "broken.binary", status: "invalid", reason: "it is empty", ...part };
}
