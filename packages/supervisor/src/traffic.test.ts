import { expect, test } from "bun:test";
import { Traffic } from "./traffic.ts";

test("a plugin has others beside it for a moment after they were asked, whatever it is asked itself", () => {
  let now = 1000;
  const traffic = new Traffic(() => now);
  expect(traffic.besides("a")).toBe(false);
  traffic.note("a");
  expect([traffic.besides("a"), traffic.besides("b")]).toEqual([false, true]);
  traffic.note("b");
  traffic.note("a");
  traffic.note("a");
  expect([traffic.besides("a"), traffic.besides("b")]).toEqual([true, true]);
  now += 20;
  traffic.note("a");
  expect([traffic.besides("a"), traffic.besides("b")]).toEqual([false, true]);
});
