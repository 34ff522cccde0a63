import { describe, expect, test } from "bun:test";
import { until } from "../until.fixture.ts";
import { activityOf } from "./process-activity.ts";
import { ProcessorTurns, type Turn } from "./processor-turns.ts";

const PATIENT_MS = 600_000;
const NEVER = new AbortController().signal;

describe("ProcessorTurns", () => {
  test("so many at a time, in order; one that is aborted leaves the line", async () => {
    const turns = new ProcessorTurns({ atOnce: 2, activityOf: () => null, patienceMs: PATIENT_MS });
    const abort = new AbortController();
    const begun: number[] = [];
    let running = 0;
    const work = async (number: number, signal = NEVER) => {
      using turn = await turns.take(signal);
      if (turn === null) return;
      begun.push(number);
      running += 1;
      expect(running).toBeLessThanOrEqual(2);
      await Bun.sleep(1);
      running -= 1;
    };
    const all = [work(0), work(1), work(2), work(3, abort.signal), work(4)];
    abort.abort();
    await Promise.all(all);
    expect(begun).toEqual([0, 1, 2, 4]);
    expect(await turns.take(abort.signal)).toBeNull();
  });

  test("one whose process sleeps lets the next pass, one that computes does not, and a place is given back once", async () => {
    const turns = new ProcessorTurns({ atOnce: 1, activityOf, patienceMs: PATIENT_MS });
    const taken: Turn[] = [];
    for (let count = 0; count < 3; count += 1) void turns.take(NEVER).then((turn) => turn !== null && taken.push(turn));
    await until("the first", () => taken.length === 1);
    await using sleeper = Bun.spawn(["sh", "-c", "sleep 60; true"], { detached: true });
    taken[0]?.follow(sleeper.pid);
    await until("the second passes", () => taken.length === 2);
    await using worker = Bun.spawn(["sh", "-c", "while :; do :; done"]);
    taken[1]?.follow(worker.pid);
    taken[0]?.[Symbol.dispose](); // it counts no more
    const used = activityOf(worker.pid)?.ticks ?? 0;
    await until("the worker has computed", () => (activityOf(worker.pid)?.ticks ?? 0) > used + 10);
    expect(taken.length).toBe(2);
    taken[1]?.[Symbol.dispose]();
    await until("the third", () => taken.length === 3);
    process.kill(-sleeper.pid, "SIGKILL");
  });

  test("a turn that takes very long lets the next one pass", async () => {
    const turns = new ProcessorTurns({ atOnce: 1, activityOf: () => null, patienceMs: 10 });
    await turns.take(NEVER);
    expect(await turns.take(NEVER)).not.toBeNull();
  });
});
