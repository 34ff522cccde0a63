import type { Dice } from "../dice.ts";
import type { Operation } from "./open-api.ts";
import { text } from "./values.ts";

export interface StrayRequest {
  method: string;
  target: string;
}

const METHODS = ["GET", "HEAD", "OPTIONS", "PATCH", "PUT", "DELETE", "POST", "PROPFIND", "M-SEARCH"];
const PLACES = ["/api", "/api/plugins", "/plugins/acme", "/plugins/legacy", "/plugins/nobody", "/plugins", "/view", ""];
const ROUTES = ["/api/plugins/route/acme", "/api/plugins/route/legacy", "/api/plugins/route", "/assets"];
const RAW = ["//", "/..", "/%2e%2e/", "/%", "/%ff", "/%00", "/.", "?", "?a=%", "#", ";", "/*", "\\", "/é"];

/** What is no HTTP at all does not come so far: Bun's server refuses it. What no operation of the document is for: other methods, other paths, and those of plugins. */
export function strayRequest(dice: Dice, operations: readonly Operation[]): StrayRequest {
  const method = dice.pick(METHODS);
  if (dice.oneIn(3)) return { method, target: dice.pick(operations).path.replaceAll(/\{\w+\}/g, "acme") };
  const parts = dice.some(3, () =>
    dice.oneIn(2) ? dice.pick(RAW) : `/${encodeURIComponent(text(dice).toWellFormed())}`,
  );
  return { method, target: `${dice.pick([...PLACES, ...ROUTES])}${parts.join("")}` };
}
