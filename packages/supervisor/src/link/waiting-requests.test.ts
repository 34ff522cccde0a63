import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { WaitingRequests } from "./waiting-requests.ts";

function ask<T>(waiting: WaitingRequests<T>, onReply: (reply: T) => void): string {
  return waiting.add({ limitMs: 10_000, caller: null, onReply, onGivenUp: () => undefined });
}

describe("WaitingRequests", () => {
  test("replies in any order reach their own request", () => {
    const waiting = new WaitingRequests<string>();
    const got: string[] = [];
    const ids = ["a", "b", "c"].map((name) => ask(waiting, (reply) => got.push(`${name}:${reply}`)));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids.toReversed()) expect(waiting.settle(id, id)).toBe(true);
    expect(got).toEqual([`c:${ids[2]}`, `b:${ids[1]}`, `a:${ids[0]}`]);
    expect([waiting.size, waiting.dropped]).toEqual([0, 0]);
  });

  test("late, doubled and unknown replies are dropped and counted", () => {
    const waiting = new WaitingRequests<string>();
    const got: string[] = [];
    const doubled = ask(waiting, (reply) => got.push(reply));
    const late = ask(waiting, (reply) => got.push(reply));
    expect(waiting.settle(doubled, "first")).toBe(true);
    expect(waiting.settle(doubled, "second")).toBe(false);
    waiting.abandon(late);
    expect(waiting.settle(late, "too late")).toBe(false);
    for (const unknown of ["999", "", "__proto__", "constructor"]) expect(waiting.settle(unknown, "?")).toBe(false);
    expect(got).toEqual(["first"]);
    expect(waiting.dropped).toBe(6);
  });

  test("to abandon what is not waiting is no error and counts nothing", () => {
    const waiting = new WaitingRequests<string>();
    waiting.abandon("1");
    expect(waiting.dropped).toBe(0);
  });

  test("settleAll answers each waiting request once; requests that it causes wait on", () => {
    const waiting = new WaitingRequests<string>();
    const got: string[] = [];
    ask(waiting, (reply) => {
      got.push(reply);
      ask(waiting, (next) => got.push(next));
    });
    ask(waiting, (reply) => got.push(reply));
    waiting.settleAll("lost");
    expect(got).toEqual(["lost", "lost"]);
    expect(waiting.size).toBe(1);
    waiting.settleAll("lost again");
    expect(got).toEqual(["lost", "lost", "lost again"]);
  });

  test("every request is answered at most once, and replies are either taken or counted", () => {
    const step = fc.oneof(
      fc.constant({ do: "add" as const }),
      fc.record({ do: fc.constantFrom("settle" as const, "abandon" as const), id: fc.integer({ min: 0, max: 8 }) }),
      fc.constant({ do: "settleAll" as const }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const waiting = new WaitingRequests<null>();
        const answers = new Map<string, number>();
        let replies = 0;
        let taken = 0;
        for (const current of steps) {
          if (current.do === "add") {
            const id: string = ask(waiting, () => answers.set(id, (answers.get(id) ?? 0) + 1));
          } else if (current.do === "settle") {
            replies += 1;
            if (waiting.settle(String(current.id), null)) taken += 1;
          } else if (current.do === "abandon") waiting.abandon(String(current.id));
          else waiting.settleAll(null);
        }
        expect([...answers.values()].every((count) => count === 1)).toBe(true);
        expect(taken + waiting.dropped).toBe(replies);
      }),
    );
  });

  /** A request whose end says how it came about. */
  function end(waiting: WaitingRequests<string>, limitMs: number, signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      waiting.add({ limitMs, caller: { signal }, onReply: resolve, onGivenUp: resolve });
    });
  }

  test("a request that is not answered within its limit is given up, and its reply dropped", async () => {
    const waiting = new WaitingRequests<string>();
    const long = end(waiting, 60_000, new AbortController().signal);
    expect(await end(waiting, 30, new AbortController().signal)).toBe("timed out");
    expect(waiting.settle("2", "late")).toBe(false);
    expect(waiting.settle("1", "in time")).toBe(true);
    expect(await long).toBe("in time");
  });

  test("a prolonged request has its whole limit again", async () => {
    const waiting = new WaitingRequests<string>();
    const ends: string[] = [];
    const others = new AbortController().signal;
    const long = end(waiting, 600, others).then((how) => ends.push(`prolonged: ${how}`));
    const timer = setInterval(() => waiting.prolong("1"), 50);
    await end(waiting, 600, others).then((how) => ends.push(how));
    await end(waiting, 100, others).then((how) => ends.push(how));
    clearInterval(timer);
    await long;
    expect(ends).toEqual(["timed out", "timed out", "prolonged: timed out"]);
  });

  test("a caller who goes away is noticed, also one who was gone before the request was looked at", async () => {
    const waiting = new WaitingRequests<string>();
    expect(await end(waiting, 10_000, AbortSignal.abort())).toBe("cancelled");
    const caller = new AbortController();
    const second = end(waiting, 10_000, caller.signal);
    await end(waiting, 100, new AbortController().signal);
    caller.abort();
    expect(await second).toBe("cancelled");
    expect([waiting.size, waiting.dropped]).toEqual([0, 0]);
  });
});
