import type { Crash, InstalledPlugin, PluginChange, PluginSnapshot } from "@toru/core";
import type {
  InstalledPlugin as InstalledPluginBody,
  Plugin,
  PluginChange as PluginChangeBody,
  Role,
} from "@toru/http-api";

export interface Audience {
  crashLimit: number;
  /** What a plugin printed is for those who may read its log. */
  role: Role;
}

/** A plugin as the API shows it. */
export function pluginBody(snapshot: PluginSnapshot, audience: Audience): Plugin {
  if (snapshot.kind === "installed") return installedPluginBody(snapshot, audience);
  const { id, file, reason } = snapshot;
  return { id, file, status: "invalid", reason };
}

export function installedPluginBody(plugin: InstalledPlugin, { crashLimit, role }: Audience): InstalledPluginBody {
  const { manifest, file, enabled, state, lastCrash } = plugin;
  const { id, name, version, icon, route, author, description, homepage, license, isolation, protocol, handles } =
    manifest;
  return {
    id,
    file,
    name,
    version,
    icon,
    route,
    author: author ?? null,
    description: description ?? null,
    homepage: homepage ?? null,
    license: license ?? null,
    isolation: isolation ?? "none",
    protocol,
    handles,
    enabled,
    status: state.status,
    ...healthOf(plugin),
    pid: plugin.pid,
    uptime_ms: wholeMs(plugin.uptimeMs),
    restarts: plugin.restarts,
    crashes: plugin.crashes,
    crash_limit: crashLimit,
    crash: lastCrash === null ? null : crashBody(lastCrash, role),
    retry_in_ms: wholeMs(plugin.retryInMs),
    problem: plugin.problem,
    revision: plugin.revision,
    development: plugin.isInDevelopment,
  };
}

export function pluginChangeBody(change: PluginChange, audience: Audience): PluginChangeBody {
  const { file, id, plugin, event } = change;
  return {
    file,
    id,
    plugin: plugin === null ? null : pluginBody(plugin, audience),
    event: event === null ? null : { event_type: event.type, timestamp: event.timestamp, details: event.details },
  };
}

function healthOf({ state }: InstalledPlugin): Pick<InstalledPluginBody, "health" | "health_reason"> {
  const unhealthy = (reason: string) => ({ health: "unhealthy", health_reason: reason }) as const;
  switch (state.status) {
    case "disabled":
      return { health: "disabled", health_reason: "it is disabled" };
    case "failed": {
      const reason = `it was disabled: it ${state.why}, the last time: ${state.crash.reason}`;
      return { health: "disabled", health_reason: reason };
    }
    case "starting":
      return unhealthy(state.again ? "it is starting again" : "it is starting");
    case "backoff":
      return state.crash.cause === "host"
        ? unhealthy(`${state.crash.reason}; it will be tried again`)
        : unhealthy(`it crashed (${state.crash.reason}) and will be started again`);
    case "stopping":
      return unhealthy(state.next === "starting" ? "it is being restarted" : "it is stopping");
    case "running":
      return state.health.state === "healthy"
        ? { health: "healthy", health_reason: null }
        : unhealthy(state.health.reason);
  }
}

function crashBody(crash: Crash, role: Role): InstalledPluginBody["crash"] {
  const { at, code, signal, reason, uptimeMs } = crash;
  const output = role === "admin" ? crash.output : [];
  return { at: new Date(at).toISOString(), code, signal, reason, uptime_ms: Math.max(0, Math.round(uptimeMs)), output };
}

function wholeMs(ms: number | null): number | null {
  return ms === null ? null : Math.max(0, Math.round(ms));
}
