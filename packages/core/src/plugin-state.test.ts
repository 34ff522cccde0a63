import { describe, expect, test } from "bun:test";
import { transition, type PluginInput, type PluginState } from "./plugin-state.ts";
import { INPUTS, NOW, showEffect, showState, STATES } from "./plugin-state-cases.ts";
import { DEFAULT_RESTART_POLICY } from "./restart-policy.ts";

/**
 * State, input, what follows: state, then effects in order. "x2" is the count of crashes in a row. What is not in the
 * table changes nothing.
 */
const TABLE: Record<keyof typeof STATES, Partial<Record<PluginInput["type"], string>>> = {
  disabled: {
    start: "starting x0 | spawn",
    enable: "starting x0 | persist true, enabled, spawn",
    remove: "stopping, removed | removed",
  },
  failed: {
    enable: "starting x0 | persist true, enabled, spawn",
    disable: "disabled | persist false, disabled",
    remove: "stopping, removed | removed",
  },
  starting: {
    enable: "starting x0 |",
    disable: "stopping, disabled | persist false, disabled, stop",
    restart: "stopping, starting | stop",
    remove: "stopping, removed | stop",
    ready: "healthy x2 | started",
    exited: "backoff x3 | crashed, schedule 4000",
  },
  healthy: {
    enable: "healthy x0 |",
    disable: "stopping, disabled | persist false, disabled, stop",
    restart: "stopping, starting | stop",
    remove: "stopping, removed | stop",
    "health-miss": "unhealthy 1 x2 | unhealthy",
    "connection-lost": "unhealthy 0 x2 | unhealthy",
    exited: "backoff x3 | crashed, schedule 4000",
  },
  "unhealthy 0": {
    enable: "unhealthy 0 x0 |",
    disable: "stopping, disabled | persist false, disabled, stop",
    restart: "stopping, starting | stop",
    remove: "stopping, removed | stop",
    "health-ok": "healthy x2 |",
    "health-miss": "unhealthy 1 x2 |",
    "connection-lost": "unhealthy 0 x2 |",
    exited: "backoff x3 | crashed, schedule 4000",
  },
  "unhealthy 2": {
    enable: "unhealthy 2 x0 |",
    disable: "stopping, disabled | persist false, disabled, stop",
    restart: "stopping, starting | stop",
    remove: "stopping, removed | stop",
    "health-ok": "healthy x2 |",
    "health-miss": "unhealthy 3 x2 | abort",
    "connection-lost": "unhealthy 2 x2 |",
    exited: "backoff x3 | crashed, schedule 4000",
  },
  "unhealthy 3": {
    enable: "unhealthy 3 x0 |",
    disable: "stopping, disabled | persist false, disabled, stop",
    restart: "stopping, starting | stop",
    remove: "stopping, removed | stop",
    "health-ok": "healthy x2 |",
    "health-miss": "unhealthy 4 x2 |",
    "connection-lost": "unhealthy 3 x2 |",
    exited: "backoff x3 | crashed, schedule 4000",
  },
  backoff: {
    enable: "starting x0 | cancel, spawn",
    disable: "disabled | cancel, persist false, disabled",
    restart: "starting x0 | cancel, spawn",
    remove: "stopping, removed | cancel, removed",
    "backoff-elapsed": "starting x2 | spawn",
  },
  "stopping, disabled": {
    enable: "stopping, starting | persist true, enabled",
    remove: "stopping, removed |",
    exited: "disabled | stopped",
  },
  "stopping, starting": {
    disable: "stopping, disabled | persist false, disabled",
    remove: "stopping, removed |",
    exited: "starting x0 | stopped, spawn",
  },
  "stopping, removed": { remove: "stopping, removed |", exited: "stopping, removed | stopped, removed" },
};

describe("transition table", () => {
  for (const [name, state] of Object.entries(STATES) as [keyof typeof STATES, PluginState][]) {
    for (const input of Object.values(INPUTS)) {
      const expected = TABLE[name][input.type];
      test(`${name} + ${input.type}: ${expected ?? "nothing"}`, () => {
        const next = transition(state, input, DEFAULT_RESTART_POLICY, NOW);
        if (expected === undefined) {
          expect(next.state).toBe(state);
          expect(next.effects).toEqual([]);
        } else {
          const shown = `${showState(next.state)} | ${next.effects.map(showEffect).join(", ")}`.trimEnd();
          expect(shown).toBe(expected);
        }
      });
    }
  }
});
