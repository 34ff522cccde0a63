import { describe, expect, test } from "bun:test";
import { TaskLimit } from "./task-limit.ts";

const PATIENT_MS = 600_000;

describe("TaskLimit", () => {
  test("runs so many at a time, in order, also after one has failed", async () => {
    const limit = new TaskLimit(2, PATIENT_MS);
    const started: number[] = [];
    let running = 0;
    const task = (number: number) => async () => {
      started.push(number);
      running += 1;
      expect(running).toBeLessThanOrEqual(2);
      await Bun.sleep(1);
      running -= 1;
      if (number === 1) throw new Error("failed");
      return number;
    };
    const results = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => limit.run(task(number))));
    expect(started).toEqual([0, 1, 2, 3, 4]);
    expect(results.map((result) => (result.status === "fulfilled" ? result.value : "failed"))).toEqual([
      0,
      "failed",
      2,
      3,
      4,
    ]);
  });

  test("tasks that hang let the others pass after a while, and give their place back once only", async () => {
    const limit = new TaskLimit(1, 10);
    const gate = Promise.withResolvers<string>();
    const hanging = limit.run(() => gate.promise);
    expect(await limit.run(() => Promise.resolve("passed"))).toBe("passed");
    gate.resolve("ended");
    expect(await hanging).toBe("ended");
    let running = 0;
    const task = async () => {
      running += 1;
      expect(running).toBe(1);
      await Bun.sleep(1);
      running -= 1;
    };
    await Promise.all([limit.run(task), limit.run(task), limit.run(task)]);
  });
});
