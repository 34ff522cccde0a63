import { describe, expect, test } from "bun:test";
import { crashesAt, transition, type PluginEffect, type PluginInput, type PluginState } from "./plugin-state.ts";
import { crash, INPUTS, NOW, running, showEffect, STATES } from "./plugin-state-cases.ts";
import { DEFAULT_RESTART_POLICY } from "./restart-policy.ts";

const policy = DEFAULT_RESTART_POLICY;

/** The effects of several inputs, one after the other, each at a time of its own. */
function run(state: PluginState, ...inputs: [number, PluginInput][]): { state: PluginState; effects: PluginEffect[] } {
  const effects: PluginEffect[] = [];
  let current = state;
  for (const [now, input] of inputs) {
    const next = transition(current, input, policy, now);
    current = next.state;
    effects.push(...next.effects);
  }
  return { state: current, effects };
}

describe("restarts", () => {
  test("ten crashes in a row wait 1, 2, 4, 8, 16, 16 … s and then disable the plugin", () => {
    let state: PluginState = STATES.starting;
    state = { ...state, crashes: 0 };
    const seen: string[] = [];
    for (let count = 1; count <= 10; count += 1) {
      const { state: after, effects } = run(state, [0, INPUTS.exited]);
      seen.push(effects.map(showEffect).join(", "));
      state = count < 10 ? run(after, [0, INPUTS["backoff-elapsed"]]).state : after;
    }
    const waits = [1, 2, 4, 8, 16, 16, 16, 16, 16].map((seconds) => `crashed, schedule ${seconds * 1000}`);
    expect(seen).toEqual([...waits, "crashed, persist false, disabled"]);
    expect(state).toEqual({ status: "failed", crashes: 10, crash, why: "crashed 10 times in a row" });
  });

  test("a crash tells how the process ended, and when it is tried again", () => {
    const { state, effects } = run(STATES.starting, [NOW, INPUTS.exited]);
    expect(effects[0]).toEqual({
      type: "record",
      event: "crashed",
      details: { code: 1, signal: null, reason: "exit code 1", uptime_ms: 70, crashes: 3, retry_in_ms: 4_000 },
    });
    expect(state).toMatchObject({ status: "backoff", crashes: 3, crash, until: NOW + 4_000 });
  });

  test("60 s of health put the count back to 0, a millisecond less does not", () => {
    const since = NOW;
    const healthy: PluginState = { ...running, health: { state: "healthy", since } };
    expect(run(healthy, [since + 59_999, INPUTS.exited]).state).toMatchObject({ status: "backoff", crashes: 3 });
    expect(run(healthy, [since + 60_000, INPUTS.exited]).state).toMatchObject({ status: "backoff", crashes: 1 });
    expect([crashesAt(healthy, policy, since + 59_999), crashesAt(healthy, policy, since + 60_000)]).toEqual([2, 0]);
  });

  test("health that was interrupted counts from its return", () => {
    const healthy: PluginState = { ...running, health: { state: "healthy", since: 0 } };
    const interrupted = run(healthy, [50_000, INPUTS["health-miss"]], [55_000, INPUTS["health-ok"]]).state;
    expect(run(interrupted, [114_999, INPUTS.exited]).state).toMatchObject({ crashes: 3 });
    expect(run(interrupted, [115_000, INPUTS.exited]).state).toMatchObject({ crashes: 1 });
  });

  test("crashes that a long health has put away stay away when it gets sick afterwards", () => {
    const healthy: PluginState = { ...running, health: { state: "healthy", since: 0 } };
    const { state } = run(healthy, [60_000, INPUTS["health-miss"]], [61_000, INPUTS.exited]);
    expect(state).toMatchObject({ status: "backoff", crashes: 1 });
  });

  test("twenty crashes within an hour disable it, however healthy it was between them", () => {
    let state: PluginState = { ...STATES.healthy, crashes: 0, crashTimes: [], health: { state: "healthy", since: 0 } };
    const MINUTE = 60_000;
    for (let count = 1; count < 20; count += 1) {
      const at = count * 2 * MINUTE;
      state = run(state, [at, INPUTS.exited], [at, INPUTS["backoff-elapsed"]], [at, INPUTS.ready]).state;
      expect(state).toMatchObject({ status: "running", crashes: 1 });
    }
    const { state: after, effects } = run(state, [40 * MINUTE, INPUTS.exited]);
    expect(after).toMatchObject({ status: "failed", crashes: 1, why: "crashed 20 times within an hour" });
    expect(effects.map(showEffect)).toEqual(["crashed", "persist false", "disabled"]);
    expect(effects.at(-1)).toMatchObject({ details: { reason: "crashed 20 times within an hour" } });
    const inTime = run(state, [62 * MINUTE, INPUTS.exited]).state;
    expect(inTime).toMatchObject({ status: "backoff", crashes: 1 });
    expect(run(state, [0, INPUTS.enable]).state).toMatchObject({ crashes: 0, crashTimes: [] });
  });

  test("a start that the machine had no room for does not count, and is tried again", () => {
    const short: PluginInput = { type: "exited", crash: { ...crash, cause: "host" } };
    let state: PluginState = STATES.starting;
    for (let count = 0; count < 100; count += 1) {
      const { state: next, effects } = run(state, [NOW, short]);
      expect(effects.map(showEffect)).toEqual(["schedule 4000"]);
      expect(next).toMatchObject({ status: "backoff", crashes: 2 });
      state = run(next, [NOW, INPUTS["backoff-elapsed"]]).state;
    }
  });

  test("a file that cannot be run disables the plugin at once", () => {
    const { state, effects } = run(STATES.starting, [NOW, { type: "exited", crash: { ...crash, cause: "file" } }]);
    expect(state).toMatchObject({ status: "failed", why: "cannot be run" });
    expect(effects.map(showEffect)).toEqual(["crashed", "persist false", "disabled"]);
  });

  test("starting for a long time is not health", () => {
    const { state } = run({ ...STATES.starting, since: 0 }, [1e9, INPUTS.exited]);
    expect(state).toMatchObject({ crashes: 3 });
  });
});

describe("events", () => {
  const events = (effects: PluginEffect[]) =>
    effects.flatMap((effect) => (effect.type === "record" ? effect.event : []));

  test("the first run is started, one after a crash or by a person restarted", () => {
    const first = run({ status: "disabled" }, [0, INPUTS.start], [0, INPUTS.ready]);
    expect(events(first.effects)).toEqual(["started"]);
    const again = run(first.state, [0, INPUTS.exited], [0, INPUTS["backoff-elapsed"]], [0, INPUTS.ready]);
    expect(events(again.effects)).toEqual(["crashed", "restarted"]);
    const asked = run(first.state, [0, INPUTS.restart], [0, INPUTS.exited], [0, INPUTS.ready]);
    expect(events(asked.effects)).toEqual(["stopped", "restarted"]);
  });

  test("three misses in a row are one event and one abort", () => {
    const miss: [number, PluginInput] = [NOW, INPUTS["health-miss"]];
    const { effects } = run(STATES.healthy, miss, miss, miss, miss, [NOW, INPUTS["connection-lost"]]);
    expect(effects.map(showEffect)).toEqual(["unhealthy", "abort"]);
  });

  test("a good answer in between starts the count of misses anew", () => {
    const miss: [number, PluginInput] = [NOW, INPUTS["health-miss"]];
    const { effects } = run(STATES.healthy, miss, miss, [NOW, INPUTS["health-ok"]], miss, miss);
    expect(effects.map(showEffect)).toEqual(["unhealthy", "unhealthy"]);
  });

  test("a tolerated miss shows, and does not count, then or later", () => {
    const tolerated: [number, PluginInput] = [NOW, { type: "health-miss", reason: "stopped", isTolerated: true }];
    const counted: [number, PluginInput] = [NOW, INPUTS["health-miss"]];
    const run1 = run(STATES.healthy, tolerated, tolerated, tolerated, tolerated, counted, counted);
    expect(run1.effects.map(showEffect)).toEqual(["unhealthy"]);
    expect(run(run1.state, counted).effects.map(showEffect)).toEqual(["abort"]);
  });

  test("a lost connection is no miss", () => {
    const lost: [number, PluginInput] = [NOW, INPUTS["connection-lost"]];
    expect(run(STATES.healthy, lost, lost, lost, lost).effects.map(showEffect)).toEqual(["unhealthy"]);
  });
});
