import type { LogEntry } from "@toru/core";

/** The host writes a sign of life every minute; silence of this length, in milliseconds, means that it is gone. */
export const SILENT_AFTER_MS = 150_000;

export interface WatchedPlugin {
  status: string;
  health: "healthy" | "unhealthy" | "disabled" | "unknown";
  since: string;
  reason: string | null;
}

/** What the supervisor's log alone tells about a host and its plugins. Feed it every entry in order. */
export class WatchedHost {
  readonly plugins = new Map<string, WatchedPlugin>();
  #state: "unknown" | "running" | "stopped" = "unknown";
  #lastSign = 0;

  /** Whether something changed that is worth a line. */
  apply(entry: LogEntry): boolean {
    const fields = entry.fields ?? {};
    this.#lastSign = Math.max(this.#lastSign, Date.parse(entry.timestamp) || 0);
    switch (fields["event"]) {
      case "host-started":
        this.plugins.clear(); // it lists anew what is there
        this.#state = "running";
        return true;
      case "host-stopped":
        this.#state = "stopped";
        for (const [id, plugin] of this.plugins) {
          if (plugin.health !== "disabled") this.plugins.set(id, stoppedWithHost(entry));
        }
        return true;
      case "heartbeat":
        this.#state = "running";
        return false;
      case "removed":
        return this.plugins.delete(entry.plugin);
      case "state":
        this.plugins.set(entry.plugin, pluginOf(entry, fields));
        return true;
      default:
        return false;
    }
  }

  /** In words, at `now` (milliseconds since the epoch). */
  summary(now: number): string {
    if (this.#state === "unknown") return "host: nothing is known of it yet";
    if (this.#state === "stopped") return `host: stopped at ${new Date(this.#lastSign).toISOString()}`;
    if (!this.isSilent(now)) return "host: running";
    return `host: no sign of life since ${new Date(this.#lastSign).toISOString()}; it was not stopped in order`;
  }

  isSilent(now: number): boolean {
    return this.#state === "running" && now - this.#lastSign > SILENT_AFTER_MS;
  }
}

function stoppedWithHost({ timestamp }: LogEntry): WatchedPlugin {
  return { status: "stopped", health: "unknown", since: timestamp, reason: "the host stopped" };
}

function pluginOf(entry: LogEntry, fields: Record<string, unknown>): WatchedPlugin {
  const status = String(fields["status"]);
  const isDown = status === "disabled" || status === "failed";
  const health = isDown ? "disabled" : fields["health"] === "healthy" ? "healthy" : "unhealthy";
  const { reason } = fields;
  return { status, health, since: entry.timestamp, reason: typeof reason === "string" ? reason : null };
}
