import type { NewLogEntry, PluginState } from "@toru/core";

/** What the supervisor's log says of a change of state; null where nothing of it shows there. */
export function stateChangeEntry(before: PluginState, state: PluginState): NewLogEntry | null {
  const message = describe(state);
  if (describe(before) === message) return null;
  const level = state.status === "failed" ? "error" : state.status === "backoff" ? "warn" : "info";
  const fields: Record<string, unknown> = { event: "state", from: before.status, status: state.status };
  if (state.status === "running") {
    fields["health"] = state.health.state;
    if (state.health.state === "unhealthy") fields["reason"] = state.health.reason;
  }
  if (state.status === "backoff" || state.status === "failed") {
    const { reason, code, signal } = state.crash;
    Object.assign(fields, { reason, code, signal, crashes: state.crashes });
  }
  return { level, message, fields };
}

/** The state in a few words. */
function describe(state: PluginState): string {
  switch (state.status) {
    case "running":
      return state.health.state === "healthy" ? "running" : "running, unhealthy";
    case "backoff":
      if (state.crash.cause === "host") return "not started, waiting to try again";
      return `crashed ${state.crashes} times in a row, waiting to restart`.replace("1 times", "1 time");
    case "failed":
      return `disabled: it ${state.why}`;
    default:
      return state.status;
  }
}
