import type { LogWriter, NewLogEntry } from "@toru/core";
import type { PluginRunner } from "./life/plugin-runner.ts";

/** How often it is written. */
const INTERVAL_MS = 60_000;
/** More would not fit a line of the log: an id may have 64 characters. */
const PLUGINS_A_LINE = 150;

/** Writes the state of all plugins to the supervisor's log now and then: a sign of life for who reads it from outside. */
export function startHeartbeat(log: LogWriter, runners: () => PluginRunner[]): Disposable {
  const timer = setInterval(() => {
    for (const line of heartbeatLines(runners())) void log.write(line);
  }, INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** At least one; a crowd of plugins is told in several. */
export function heartbeatLines(runners: readonly Pick<PluginRunner, "id" | "state">[]): NewLogEntry[] {
  const lines: NewLogEntry[] = [];
  for (let start = 0; start === 0 || start < runners.length; start += PLUGINS_A_LINE) {
    const some = runners.slice(start, start + PLUGINS_A_LINE);
    const plugins = Object.fromEntries(some.map(({ id, state }) => [id, state.status]));
    const fields = { event: "heartbeat", pid: process.pid, plugins };
    lines.push({ level: "debug", message: "host is alive", fields });
  }
  return lines;
}
