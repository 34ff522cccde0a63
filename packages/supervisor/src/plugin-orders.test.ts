import { expect, test } from "bun:test";
import type { PluginState } from "@toru/core";
import type { PluginCatalog } from "./catalog/plugin-catalog.ts";
import type { PluginEntry } from "./catalog/plugin-entry.ts";
import type { EnabledPlugins } from "./folder/enabled-plugins.ts";
import { DevelopmentLeases } from "./life/development-leases.ts";
import { PluginOrders } from "./plugin-orders.ts";

test("restart of a plugin that the crash limit has disabled is refused, also where that could not be saved", async () => {
  const crash = { at: 1, code: 1, signal: null, reason: "exit code 1", uptimeMs: 1, output: [] };
  const state: PluginState = { status: "failed", crashes: 10, crash, why: "crashed 10 times in a row" };
  const told: unknown[] = [];
  const runner = { id: "acme", problem: null, state, dispatch: (input: unknown) => told.push(input) };
  const entry = { runner, reading: null, collision: null } as unknown as PluginEntry;
  const orders = new PluginOrders({
    catalog: { byId: () => entry, reconcile: () => undefined } as unknown as PluginCatalog,
    enabled: { isEnabled: () => true } as unknown as EnabledPlugins,
    development: new DevelopmentLeases(() => undefined),
    snapshot: () => null,
    isClosing: () => false,
  });
  expect(await orders.restart("acme")).toEqual({
    ok: false,
    code: "not_enabled",
    message: "the plugin acme is disabled; enable it to start it",
  });
  expect(told).toEqual([]);
});
