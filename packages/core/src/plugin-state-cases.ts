/** States and inputs for the tests of the transition table, and words for what comes out of it. */
import type { Crash } from "./crash.ts";
import type { PluginEffect, PluginInput, PluginState } from "./plugin-state.ts";

export const NOW = 1_000_000;
export const crash: Crash = { at: 1, code: 1, signal: null, reason: "exit code 1", uptimeMs: 70, output: ["line"] };
const unhealthy = (misses: number) => ({ state: "unhealthy", misses, reason: "no answer" }) as const;
const crashTimes = [NOW - 20, NOW - 15];
export const running = { status: "running", crashes: 2, crashTimes, crash, since: NOW - 10 } as const;

export const STATES = {
  disabled: { status: "disabled" },
  failed: { status: "failed", crashes: 10, crash, why: "crashed 10 times in a row" },
  starting: { status: "starting", crashes: 2, crashTimes, crash, since: NOW, again: false },
  healthy: { ...running, health: { state: "healthy", since: NOW - 10 } },
  "unhealthy 0": { ...running, health: unhealthy(0) },
  "unhealthy 2": { ...running, health: unhealthy(2) },
  "unhealthy 3": { ...running, health: unhealthy(3) },
  backoff: { status: "backoff", crashes: 2, crashTimes, crash, until: NOW + 5 },
  "stopping, disabled": { status: "stopping", next: "disabled" },
  "stopping, starting": { status: "stopping", next: "starting" },
  "stopping, removed": { status: "stopping", next: "removed" },
} as const satisfies Record<string, PluginState>;

export const INPUTS: { [T in PluginInput["type"]]: PluginInput & { type: T } } = {
  start: { type: "start" },
  enable: { type: "enable" },
  disable: { type: "disable" },
  restart: { type: "restart" },
  remove: { type: "remove" },
  ready: { type: "ready" },
  "health-ok": { type: "health-ok" },
  "health-miss": { type: "health-miss", reason: "no answer" },
  "connection-lost": { type: "connection-lost", reason: "closed" },
  exited: { type: "exited", crash },
  "backoff-elapsed": { type: "backoff-elapsed" },
};

export function showState(state: PluginState): string {
  switch (state.status) {
    case "stopping":
      return `stopping, ${state.next}`;
    case "disabled":
      return "disabled";
    case "running": {
      const { health, crashes } = state;
      return `${health.state === "healthy" ? "healthy" : `unhealthy ${health.misses}`} x${crashes}`;
    }
    case "starting":
    case "backoff":
    case "failed":
      return `${state.status} x${state.crashes}`;
  }
}

export function showEffect(effect: PluginEffect): string {
  switch (effect.type) {
    case "record":
      return effect.event;
    case "persist-enabled":
      return `persist ${effect.enabled}`;
    case "schedule-start":
      return `schedule ${effect.delayMs}`;
    case "cancel-start":
      return "cancel";
    case "spawn":
    case "stop":
    case "abort":
    case "removed":
      return effect.type;
  }
}
