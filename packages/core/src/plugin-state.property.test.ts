import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Crash } from "./crash.ts";
import { DISABLED, transition, type PluginEffect, type PluginInput, type PluginState } from "./plugin-state.ts";
import { backoffDelay, type RestartPolicy } from "./restart-policy.ts";

const crash: Crash = { at: 0, code: null, signal: "SIGSEGV", reason: "signal", uptimeMs: 1, output: [] };

const input: fc.Arbitrary<PluginInput> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<PluginInput>({ type: "exited", crash }, { type: "backoff-elapsed" }) },
  { weight: 4, arbitrary: fc.constantFrom<PluginInput>({ type: "ready" }, { type: "health-ok" }) },
  { weight: 4, arbitrary: fc.constant<PluginInput>({ type: "health-miss", reason: "no answer" }) },
  { weight: 1, arbitrary: fc.constant<PluginInput>({ type: "connection-lost", reason: "closed" }) },
  { weight: 3, arbitrary: fc.constantFrom<PluginInput>({ type: "enable" }, { type: "disable" }, { type: "restart" }) },
  { weight: 1, arbitrary: fc.constant<PluginInput>({ type: "start" }) },
);
const step = fc.record({ input, waitMs: fc.constantFrom(0, 1, 59, 60, 1_000) });
const life = fc.record({
  enabled: fc.boolean(),
  policy: fc.record({
    backoffBaseMs: fc.constantFrom(0, 10),
    crashLimit: fc.integer({ min: 1, max: 4 }),
    crashesPerHour: fc.integer({ min: 1, max: 8 }),
    stableAfterMs: fc.constant(60),
  }),
  steps: fc.array(step, { maxLength: 60 }),
  removeAt: fc.option(fc.nat({ max: 60 })),
});

/** A plugin with a process that may be up, a timer that may run and an enabled state that is stored. */
class World {
  state: PluginState = DISABLED;
  now = 0;
  processUp = false;
  timerRuns = false;
  removeAsked = false;
  removed = false;
  /** Ready since the last spawn. */
  reported = false;
  crashesInRow = 0;

  constructor(
    readonly policy: RestartPolicy,
    public enabled: boolean,
  ) {
    if (enabled) this.give({ type: "start" });
  }

  /** Whether the host could come to give this input now. */
  isPossible({ type }: PluginInput): boolean {
    switch (type) {
      case "exited":
      case "ready":
      case "health-ok":
      case "health-miss":
      case "connection-lost":
        return this.processUp;
      case "backoff-elapsed":
        return this.timerRuns;
      case "start":
        return this.enabled;
      case "enable":
      case "disable":
      case "restart":
      case "remove":
        return !this.removed;
    }
  }

  give(given: PluginInput): void {
    if (given.type === "exited") this.processUp = false;
    if (given.type === "backoff-elapsed") this.timerRuns = false;
    if (given.type === "remove") this.removeAsked = true;
    const before = this.state;
    const { state, effects } = transition(Object.freeze(before), given, this.policy, this.now);
    this.state = state;
    for (const effect of effects) this.#apply(effect, given, before);
    this.#checkState();
  }

  #apply(effect: PluginEffect, given: PluginInput, before: PluginState): void {
    expect(this.removed).toBe(false);
    switch (effect.type) {
      case "spawn":
        expect([this.processUp, this.timerRuns, this.removeAsked, this.enabled]).toEqual([false, false, false, true]);
        this.processUp = true;
        this.reported = false;
        return;
      case "stop":
      case "abort":
        expect(this.processUp).toBe(true);
        return;
      case "schedule-start":
        expect([this.processUp, this.timerRuns, this.removeAsked, this.enabled]).toEqual([false, false, false, true]);
        expect(effect.delayMs).toBe(backoffDelay(this.policy, this.crashesInRow));
        this.timerRuns = true;
        return;
      case "cancel-start":
        expect(this.timerRuns).toBe(true);
        this.timerRuns = false;
        return;
      case "persist-enabled":
        this.enabled = effect.enabled;
        return;
      case "removed":
        expect([this.processUp, this.timerRuns, this.removeAsked]).toEqual([false, false, true]);
        this.removed = true;
        return;
      case "record":
        this.#checkEvent(effect, given, before);
    }
  }

  #checkEvent({ event, details }: PluginEffect & { type: "record" }, given: PluginInput, before: PluginState): void {
    switch (event) {
      case "started":
      case "restarted":
        expect([given.type, this.processUp, this.reported]).toEqual(["ready", true, false]);
        this.reported = true;
        return;
      case "unhealthy":
        expect([this.processUp, this.reported]).toEqual([true, true]);
        return;
      case "stopped":
        expect([given.type, before.status]).toEqual(["exited", "stopping"]);
        return;
      case "crashed":
        expect(given.type).toBe("exited");
        expect(before.status).not.toBe("stopping");
        // One more than before, or the first after the count was put back.
        expect([1, this.crashesInRow + 1]).toContain(details["crashes"] as number);
        this.crashesInRow = details["crashes"] as number;
        return;
      case "enabled":
      case "disabled":
        expect(this.enabled).toBe(event === "enabled");
    }
  }

  #checkState(): void {
    const { state, policy } = this;
    const facts = { up: this.processUp, timer: this.timerRuns, enabled: this.enabled };
    switch (state.status) {
      case "disabled":
      case "failed":
        expect(facts).toEqual({ up: false, timer: false, enabled: false });
        break;
      case "starting":
      case "running":
        expect(facts).toEqual({ up: true, timer: false, enabled: true });
        break;
      case "backoff":
        expect(facts).toEqual({ up: false, timer: true, enabled: true });
        break;
      case "stopping":
        expect([facts.up, facts.timer]).toEqual([!this.removed, false]);
        if (state.next !== "removed") expect(facts.enabled).toBe(state.next === "starting");
    }
    if (this.removeAsked) expect(state).toEqual({ status: "stopping", next: "removed" });
    if (state.status === "failed") expect(state.crashes).toBeLessThanOrEqual(policy.crashLimit);
    else if ("crashTimes" in state) {
      expect(state.crashes).toBeLessThan(policy.crashLimit);
      expect(state.crashTimes.length).toBeLessThan(policy.crashesPerHour);
    }
  }
}

const RUNS = { numRuns: 500 };

describe("for any order of events that can happen", () => {
  test("process, timer, stored state and recorded events always agree with the state", () => {
    fc.assert(
      fc.property(life, ({ enabled, policy, steps, removeAt }) => {
        const world = new World(policy, enabled);
        for (const [index, { input: given, waitMs }] of steps.entries()) {
          world.now += waitMs;
          if (index === removeAt) world.give({ type: "remove" });
          if (world.isPossible(given)) world.give(given);
        }
      }),
      RUNS,
    );
  });

  test("removal ends with `removed`, once, as soon as the process is gone", () => {
    fc.assert(
      fc.property(life, ({ enabled, policy, steps }) => {
        const world = new World(policy, enabled);
        for (const { input: given } of steps) if (world.isPossible(given)) world.give(given);
        world.give({ type: "remove" });
        if (world.processUp) world.give({ type: "exited", crash });
        expect(world.removed).toBe(true);
      }),
      RUNS,
    );
  });

  test("a plugin that does nothing but crash is failed after exactly the limit, and only a person starts it again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.boolean(), (crashLimit, getsReady) => {
        const world = new World({ backoffBaseMs: 1, crashLimit, crashesPerHour: 20, stableAfterMs: 60 }, true);
        for (let count = 0; count < crashLimit; count += 1) {
          expect(world.state.status).toBe("starting");
          if (getsReady) world.give({ type: "ready" });
          world.give({ type: "exited", crash });
          if (count < crashLimit - 1) world.give({ type: "backoff-elapsed" });
        }
        expect([world.state.status, world.enabled]).toEqual(["failed", false]);
        world.give({ type: "restart" });
        world.give({ type: "start" });
        expect(world.processUp).toBe(false);
        world.give({ type: "enable" });
        expect(world.state).toMatchObject({ status: "starting", crashes: 0 });
      }),
    );
  });
});

test("inputs that cannot happen break nothing either: a state without use for one stays the same object", () => {
  const anything = fc.array(fc.oneof(input, fc.constant<PluginInput>({ type: "remove" })), { maxLength: 40 });
  const policy: RestartPolicy = { backoffBaseMs: 10, crashLimit: 3, crashesPerHour: 20, stableAfterMs: 60 };
  fc.assert(
    fc.property(anything, (inputs) => {
      let state: PluginState = DISABLED;
      let spawnedAfterRemoval = false;
      let removal = false;
      for (const given of inputs) {
        const next = transition(Object.freeze(state), given, policy, 0);
        removal ||= given.type === "remove";
        spawnedAfterRemoval ||= removal && next.effects.some(({ type }) => type === "spawn");
        // Whatever acts has changed the state, or was asked twice for removal.
        if (next.effects.length > 0 && !removal) expect(next.state).not.toBe(state);
        state = next.state;
      }
      expect(spawnedAfterRemoval).toBe(false);
    }),
    RUNS,
  );
});
