import { describe, expect, test } from "bun:test";
import { TurnShare } from "./turn-share.ts";

let now = 0;
function begun(othersAreAsked: boolean): TurnShare {
  const share = new TurnShare(
    () => othersAreAsked,
    () => now,
  );
  share.begin();
  return share;
}

function after(ms: number, share: TurnShare, isOwn: boolean): boolean {
  now += ms;
  return share.count(isOwn);
}

describe("TurnShare", () => {
  test("without others a plugin has the longer share, whatever it does with it", () => {
    const share = begun(false);
    expect([after(0.2, share, true), after(0.1, share, true)]).toEqual([false, true]);
  });

  test("beside others what it wants of its own accord has a short share, and answers to requests the longer one", () => {
    expect(after(0.12, begun(true), true)).toBe(true);
    const answers = begun(true);
    expect([after(0.2, answers, false), after(0.1, answers, false)]).toEqual([false, true]);
  });

  test("the next share is a whole one", async () => {
    const share = begun(true);
    after(0.12, share, true);
    const next = share.next();
    now += 1.2;
    await next;
    expect(after(0.05, share, true)).toBe(false);
  });

  test("little by little counts together, unless time passes in between", () => {
    const hasty = begun(true);
    expect([after(0.06, hasty, true), after(0.06, hasty, true)]).toEqual([false, true]);
    const patient = begun(true);
    after(0.06, patient, true);
    now += 0.6;
    patient.begin();
    expect(after(0.06, patient, true)).toBe(false);
  });
});
