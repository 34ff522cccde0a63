import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { PendingRequests } from "./pending-requests.ts";

describe("PendingRequests", () => {
  test("replies in any order reach their own request", () => {
    const pending = new PendingRequests<string>();
    const got: string[] = [];
    const ids = ["a", "b", "c"].map((name) => pending.add((reply) => got.push(`${name}:${reply}`)));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids.toReversed()) expect(pending.settle(id, id)).toBe(true);
    expect(got).toEqual([`c:${ids[2]}`, `b:${ids[1]}`, `a:${ids[0]}`]);
    expect([pending.size, pending.dropped]).toEqual([0, 0]);
  });

  test("late, doubled and unknown replies are dropped and counted", () => {
    const pending = new PendingRequests<string>();
    const got: string[] = [];
    const doubled = pending.add((reply) => got.push(reply));
    const late = pending.add((reply) => got.push(reply));
    expect(pending.settle(doubled, "first")).toBe(true);
    expect(pending.settle(doubled, "second")).toBe(false);
    expect(pending.abandon(late)).toBe(true);
    expect(pending.settle(late, "too late")).toBe(false);
    for (const unknown of ["999", "", "__proto__", "constructor"]) expect(pending.settle(unknown, "?")).toBe(false);
    expect(got).toEqual(["first"]);
    expect(pending.dropped).toBe(6);
  });

  test("to abandon what is not waiting is no error and counts nothing", () => {
    const pending = new PendingRequests<string>();
    expect(pending.abandon("1")).toBe(false);
    expect(pending.dropped).toBe(0);
  });

  test("settleAll answers each waiting request once; requests that it causes wait on", () => {
    const pending = new PendingRequests<string>();
    const got: string[] = [];
    pending.add((reply) => {
      got.push(reply);
      pending.add((next) => got.push(next));
    });
    pending.add((reply) => got.push(reply));
    pending.settleAll("lost");
    expect(got).toEqual(["lost", "lost"]);
    expect(pending.size).toBe(1);
    pending.settleAll("lost again");
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
        const pending = new PendingRequests<null>();
        const answers = new Map<string, number>();
        let replies = 0;
        let taken = 0;
        for (const current of steps) {
          if (current.do === "add") {
            const id: string = pending.add(() => answers.set(id, (answers.get(id) ?? 0) + 1));
          } else if (current.do === "settle") {
            replies += 1;
            if (pending.settle(String(current.id), null)) taken += 1;
          } else if (current.do === "abandon") pending.abandon(String(current.id));
          else pending.settleAll(null);
        }
        expect([...answers.values()].every((count) => count === 1)).toBe(true);
        expect(taken + pending.dropped).toBe(replies);
      }),
    );
  });
});
