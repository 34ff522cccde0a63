import { describe, expect, test } from "bun:test";
import { ConnectionTurns } from "./connection-turns.ts";

const never = new AbortController().signal;

function refused(): Promise<never> {
  return Promise.reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
}

describe("ConnectionTurns", () => {
  test("connections are made one after another, in the order they were asked for", async () => {
    const turns = new ConnectionTurns();
    const order: number[] = [];
    let busy = 0;
    const attempt = (number: number) => async () => {
      busy += 1;
      expect(busy).toBe(1);
      await Bun.sleep(1);
      order.push(number);
      busy -= 1;
      return number;
    };
    const made = await Promise.all([1, 2, 3, 4].map((number) => turns.connect(attempt(number), never)));
    expect(made).toEqual([1, 2, 3, 4]);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test("while the backlog is full, only the first in the line knocks", async () => {
    const turns = new ConnectionTurns();
    let refusals = 0;
    let others = 0;
    const first = turns.connect(() => (++refusals < 4 ? refused() : Promise.resolve("first")), never);
    const second = turns.connect(() => Promise.resolve(++others), never);
    expect(await first).toBe("first");
    expect(refusals).toBe(4);
    expect(await second).toBe(1);
  });

  test("who gives up waiting gets null at once, and nobody behind it is held up", async () => {
    const turns = new ConnectionTurns();
    const gate = Promise.withResolvers<string>();
    const first = turns.connect(() => gate.promise, never);
    const impatient = new AbortController();
    let attempts = 0;
    const second = turns.connect(() => Promise.resolve(++attempts), impatient.signal);
    const third = turns.connect(() => Promise.resolve("third"), never);
    impatient.abort();
    expect(await second).toBeNull();
    expect(attempts).toBe(0);
    gate.resolve("first");
    expect(await Promise.all([first, third])).toEqual(["first", "third"]);
  });

  test("who gives up in the line does not let the one behind it knock before its turn", async () => {
    const turns = new ConnectionTurns();
    const gate = Promise.withResolvers<string>();
    const first = turns.connect(() => gate.promise, never);
    await turns.connect(() => Promise.resolve("second"), AbortSignal.abort());
    let knocked = false;
    const third = turns.connect(() => Promise.resolve((knocked = true)), never);
    await Bun.sleep(5);
    expect(knocked).toBe(false);
    gate.resolve("first");
    await Promise.all([first, third]);
    expect(knocked).toBe(true);
  });

  test("an error that waiting cannot cure is thrown on, and the next has its turn", async () => {
    const turns = new ConnectionTurns();
    const denied = Object.assign(new Error("denied"), { code: "EACCES" });
    const first = turns.connect(() => Promise.reject(denied), never);
    const second = turns.connect(() => Promise.resolve("second"), never);
    expect(first).rejects.toBe(denied);
    expect(await second).toBe("second");
  });
});
