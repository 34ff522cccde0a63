import type { LogWriter } from "@toru/core";
import type { PluginRunner } from "./life/plugin-runner.ts";

/** How often the line is written. */
const INTERVAL_MS = 60_000;

/** Writes the state of all plugins to the supervisor's log now and then: a sign of life for who reads it from outside. */
export function startHeartbeat(log: LogWriter, runners: () => PluginRunner[]): Disposable {
  const timer = setInterval(() => {
    const plugins = Object.fromEntries(runners().map(({ id, state }) => [id, state.status]));
    const fields = { event: "heartbeat", pid: process.pid, plugins };
    void log.write({ level: "debug", message: "host is alive", fields });
  }, INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
