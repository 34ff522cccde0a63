import { expect, test } from "bun:test";
import { pressShortcut } from "./shortcut-keys.ts";

test("two keys in time lead to a page", () => {
  const { action, gAt } = pressShortcut(null, "g", 1_000);
  expect(action).toBeNull();
  expect(pressShortcut(gAt, "h", 1_200)).toEqual({ action: "home", gAt: null });
  expect(pressShortcut(gAt, "p", 1_200).action).toBe("manager");
  expect(pressShortcut(gAt, "e", 1_200).action).toBe("events");
});

test("a second key that comes late, or that belongs to no pair, does nothing", () => {
  const { gAt } = pressShortcut(null, "g", 1_000);
  expect(pressShortcut(gAt, "h", 9_000)).toEqual({ action: null, gAt: null });
  expect(pressShortcut(gAt, "x", 1_100)).toEqual({ action: null, gAt: null });
});

test("single keys work at once, also after a lone g", () => {
  expect(pressShortcut(null, "?", 1).action).toBe("help");
  expect(pressShortcut(1, "/", 2).action).toBe("search");
  expect(pressShortcut(1, "[", 2).action).toBe("sidebar");
  expect(pressShortcut(1, "g", 2)).toEqual({ action: null, gAt: 2 });
});
