import type { Crash } from "./crash.ts";
import { backoffDelay, isStable, reachesCrashLimit, type RestartPolicy, withinHour } from "./restart-policy.ts";

/** Misses of the health check in a row that abort a plugin. */
export const MAX_HEALTH_MISSES = 3;
/** A start that the machine was too short of something for is tried again after the wait of this crash in a row. */
const SHORTAGE_WAITS_AS = 3;

/**
 * The states of one valid plugin. `crashes` counts those in a row, `crashTimes` has those of the last hour. Times are
 * milliseconds of the clock that the caller passes to `transition`.
 */
export type PluginState =
  | { status: "disabled" }
  /** `again`: it has run before, since the host started or a person enabled it. */
  | (Counted & { status: "starting"; crash: Crash | null; since: number; again: boolean })
  | (Counted & { status: "running"; crash: Crash | null; since: number; health: Health })
  | (Counted & { status: "backoff"; crash: Crash; until: number })
  | { status: "stopping"; next: AfterStop }
  /** `why` completes "disabled: it …". */
  | { status: "failed"; crashes: number; crash: Crash; why: string };

interface Counted {
  crashes: number;
  crashTimes: readonly number[];
}

export type Health = { state: "healthy"; since: number } | { state: "unhealthy"; misses: number; reason: string };

/** `removed` is the end: the host forgets the plugin or stops itself. */
export type AfterStop = "disabled" | "starting" | "removed";

export type PluginInput =
  /** The host found it enabled, when it started or when the file appeared. */
  | { type: "start" }
  /** A person enables it. */
  | { type: "enable" }
  | { type: "disable" }
  | { type: "restart" }
  /** The file is gone or the host stops. */
  | { type: "remove" }
  | { type: "ready" }
  | { type: "health-ok" }
  /** `isTolerated`: it shows, and does not count. A debugger may have stopped a plugin that is in development. */
  | { type: "health-miss"; reason: string; isTolerated?: boolean }
  /** The connection was lost but the process lives: not healthy, and not yet a miss. */
  | { type: "connection-lost"; reason: string }
  /** The process ended, or could not be started. */
  | { type: "exited"; crash: Crash }
  | { type: "backoff-elapsed" };

export type PluginEventType = "started" | "stopped" | "crashed" | "restarted" | "enabled" | "disabled" | "unhealthy";

/** What the transition asks the supervisor to do, in order. */
export type PluginEffect =
  | { type: "spawn" }
  /** Orderly: shutdown message, SIGTERM, SIGKILL. Ends in `exited`. */
  | { type: "stop" }
  /** At once: SIGKILL to the group. Ends in `exited`. */
  | { type: "abort"; reason: string }
  | { type: "schedule-start"; delayMs: number }
  | { type: "cancel-start" }
  | { type: "persist-enabled"; enabled: boolean }
  | { type: "record"; event: PluginEventType; details: Record<string, unknown> }
  | { type: "removed" };

export interface Transition {
  state: PluginState;
  effects: PluginEffect[];
}

export const DISABLED: PluginState = { status: "disabled" };

/** Pure: the one place that decides what a plugin does next. An input that a state has no use for changes nothing. */
export function transition(state: PluginState, input: PluginInput, policy: RestartPolicy, now: number): Transition {
  switch (state.status) {
    case "disabled":
    case "failed":
      return fromDown(state, input, now);
    case "starting":
    case "running":
      return fromUp(state, input, policy, now);
    case "backoff":
      return fromBackoff(state, input, now);
    case "stopping":
      return fromStopping(state, input, now);
  }
}

function fromDown(state: PluginState & { status: "disabled" | "failed" }, input: PluginInput, now: number): Transition {
  switch (input.type) {
    case "start":
      return state.status === "disabled"
        ? { state: starting(now, false), effects: [{ type: "spawn" }] }
        : unchanged(state);
    case "enable":
      return { state: starting(now, false), effects: [persist(true), record("enabled"), { type: "spawn" }] };
    case "disable":
      // A person's word: what the crash limit disabled is from now on plainly disabled.
      return state.status === "failed"
        ? { state: DISABLED, effects: [persist(false), record("disabled")] }
        : unchanged(state);
    case "remove":
      return { state: { status: "stopping", next: "removed" }, effects: [{ type: "removed" }] };
    default:
      return unchanged(state);
  }
}

function fromUp(
  state: PluginState & { status: "starting" | "running" },
  input: PluginInput,
  policy: RestartPolicy,
  now: number,
): Transition {
  switch (input.type) {
    case "enable":
      return { state: { ...state, crashes: 0, crashTimes: [] }, effects: [] };
    case "disable":
      return stop("disabled", [persist(false), record("disabled")]);
    case "restart":
      return stop("starting", []);
    case "remove":
      return stop("removed", []);
    case "exited":
      return exited(state, input.crash, policy, now);
    case "ready":
      return state.status === "starting" ? started(state, now) : unchanged(state);
    default:
      return state.status === "running" ? health(state, input, policy, now) : unchanged(state);
  }
}

function started(state: PluginState & { status: "starting" }, now: number): Transition {
  const { crashes, crashTimes, crash } = state;
  const event = record(state.again ? "restarted" : "started", crashes === 0 ? {} : { attempt: crashes });
  const healthy: Health = { state: "healthy", since: now };
  return { state: { status: "running", crashes, crashTimes, crash, since: now, health: healthy }, effects: [event] };
}

function health(
  state: PluginState & { status: "running" },
  input: PluginInput,
  policy: RestartPolicy,
  now: number,
): Transition {
  if (input.type === "health-ok") {
    if (state.health.state === "healthy") return unchanged(state);
    return { state: { ...state, health: { state: "healthy", since: now } }, effects: [] };
  }
  if (input.type !== "health-miss" && input.type !== "connection-lost") return unchanged(state);
  const wasHealthy = state.health.state === "healthy";
  const earlier = state.health.state === "unhealthy" ? state.health.misses : 0;
  const counts = input.type === "health-miss" && input.isTolerated !== true;
  const misses = earlier + (counts ? 1 : 0);
  const effects: PluginEffect[] = wasHealthy ? [record("unhealthy", { reason: input.reason })] : [];
  if (earlier < MAX_HEALTH_MISSES && misses >= MAX_HEALTH_MISSES) effects.push({ type: "abort", reason: input.reason });
  const next: PluginState = {
    ...state,
    crashes: crashesAt(state, policy, now),
    health: { state: "unhealthy", misses, reason: input.reason },
  };
  return { state: next, effects };
}

function fromBackoff(state: PluginState & { status: "backoff" }, input: PluginInput, now: number): Transition {
  const { crashes, crashTimes, crash } = state;
  switch (input.type) {
    case "backoff-elapsed": {
      const next: PluginState = { status: "starting", crashes, crashTimes, crash, since: now, again: true };
      return { state: next, effects: [{ type: "spawn" }] };
    }
    case "enable":
    case "restart":
      return { state: starting(now, true, crash), effects: [{ type: "cancel-start" }, { type: "spawn" }] };
    case "disable":
      return { state: DISABLED, effects: [{ type: "cancel-start" }, persist(false), record("disabled")] };
    case "remove":
      return {
        state: { status: "stopping", next: "removed" },
        effects: [{ type: "cancel-start" }, { type: "removed" }],
      };
    default:
      return unchanged(state);
  }
}

function fromStopping(state: PluginState & { status: "stopping" }, input: PluginInput, now: number): Transition {
  const { next } = state;
  switch (input.type) {
    case "exited":
      return stopped(next, input.crash, now);
    case "enable":
      if (next !== "disabled") return unchanged(state);
      return { state: { status: "stopping", next: "starting" }, effects: [persist(true), record("enabled")] };
    case "disable":
      if (next !== "starting") return unchanged(state);
      return { state: { status: "stopping", next: "disabled" }, effects: [persist(false), record("disabled")] };
    case "remove":
      return { state: { status: "stopping", next: "removed" }, effects: [] };
    default:
      return unchanged(state);
  }
}

function stopped(next: AfterStop, exit: Crash, now: number): Transition {
  const event = record("stopped", { code: exit.code, signal: exit.signal, uptime_ms: exit.uptimeMs });
  if (next === "starting") return { state: starting(now, true), effects: [event, { type: "spawn" }] };
  if (next === "disabled") return { state: DISABLED, effects: [event] };
  return { state: { status: "stopping", next }, effects: [event, { type: "removed" }] };
}

/** Nobody has asked for this end. */
function exited(
  state: PluginState & { status: "starting" | "running" },
  crash: Crash,
  policy: RestartPolicy,
  now: number,
): Transition {
  const counted = { crashes: crashesAt(state, policy, now), crashTimes: withinHour(state.crashTimes, now) };
  if (crash.cause === "host") return wait(counted, crash, backoffDelay(policy, SHORTAGE_WAITS_AS), now, null);
  const crashes = counted.crashes + 1;
  const crashTimes = [...counted.crashTimes, now];
  const { code, signal, reason, uptimeMs } = crash;
  const details = { code, signal, reason, uptime_ms: uptimeMs, crashes };
  if (crash.cause === "file") return fail(crashes, crash, details, { reason: "cannot be run" });
  if (reachesCrashLimit(policy, crashes)) {
    return fail(crashes, crash, details, { reason: `crashed ${crashes} times in a row`, crashes });
  }
  if (crashTimes.length >= policy.crashesPerHour) {
    return fail(crashes, crash, details, { reason: `crashed ${crashTimes.length} times within an hour` });
  }
  return wait({ crashes, crashTimes }, crash, backoffDelay(policy, crashes), now, details);
}

/** `details` of the crash; null where it was none. */
function wait(
  counted: Counted,
  crash: Crash,
  delayMs: number,
  now: number,
  details: Record<string, unknown> | null,
): Transition {
  const schedule: PluginEffect = { type: "schedule-start", delayMs };
  return {
    state: { status: "backoff", ...counted, crash, until: now + delayMs },
    effects: details === null ? [schedule] : [record("crashed", { ...details, retry_in_ms: delayMs }), schedule],
  };
}

function fail(
  crashes: number,
  crash: Crash,
  details: Record<string, unknown>,
  why: { reason: string; crashes?: number },
): Transition {
  return {
    state: { status: "failed", crashes, crash, why: why.reason },
    effects: [record("crashed", details), persist(false), record("disabled", why)],
  };
}

/** Crashes in a row as they count at `now`: a long enough health has put them back to 0. */
export function crashesAt(state: PluginState, policy: RestartPolicy, now: number): number {
  if (!("crashes" in state)) return 0;
  if (state.status !== "running" || state.health.state !== "healthy") return state.crashes;
  return isStable(policy, state.health.since, now) ? 0 : state.crashes;
}

function starting(now: number, again: boolean, crash: Crash | null = null): PluginState {
  return { status: "starting", crashes: 0, crashTimes: [], crash, since: now, again };
}

function stop(next: AfterStop, effects: PluginEffect[]): Transition {
  return { state: { status: "stopping", next }, effects: [...effects, { type: "stop" }] };
}

function unchanged(state: PluginState): Transition {
  return { state, effects: [] };
}

function persist(enabled: boolean): PluginEffect {
  return { type: "persist-enabled", enabled };
}

function record(event: PluginEventType, details: Record<string, unknown> = {}): PluginEffect {
  return { type: "record", event, details };
}
