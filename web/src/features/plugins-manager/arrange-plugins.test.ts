import { expect, test } from "bun:test";
import { installedPlugin, invalidPlugin } from "#shared/plugins/panel-plugin.fixture.ts";
import type { PanelPlugin } from "#shared/plugins/plugin.ts";
import { arrangePlugins, countGroups, nameOf } from "./arrange-plugins.ts";
import type { ManagerSearch } from "./manager-search.ts";

const plugins: PanelPlugin[] = [
  installedPlugin({ id: "beta", name: "Beta 10", restarts: 4, startedAt: 5_000, author: "Ada" }),
  installedPlugin({ id: "alpha", name: "beta 9", restarts: 4, startedAt: 1_000, description: "Shows the weather" }),
  installedPlugin({ id: "off", name: "Off", status: "disabled", enabled: false, startedAt: null }),
  installedPlugin({ id: "down", name: "Down", status: "backoff", crashes: 2, startedAt: null, restarts: 9 }),
  invalidPlugin({ file: "broken.binary", reason: "its metadata has no id" }),
];
const cpu: Record<string, number> = { alpha: 7, beta: 0.5 };
const usageOf = (plugin: PanelPlugin) => ({ cpu: cpu[plugin.id ?? ""] ?? null, memory: null });
const names = (search: ManagerSearch) => arrangePlugins(plugins, search, usageOf).map(nameOf);

test("by name as people order them, invalid ones by their file", () => {
  expect(names({})).toEqual(["beta 9", "Beta 10", "broken.binary", "Down", "Off"]);
  expect(names({ order: "desc" })).toEqual(["Off", "Down", "broken.binary", "Beta 10", "beta 9"]);
});

test("by state what needs a person comes first", () => {
  expect(names({ sort: "state" })).toEqual(["Down", "broken.binary", "beta 9", "Beta 10", "Off"]);
});

test("by a figure the greatest first, equal ones by name, unknown ones last in both directions", () => {
  expect(names({ sort: "cpu" })).toEqual(["beta 9", "Beta 10", "broken.binary", "Down", "Off"]);
  expect(names({ sort: "cpu", order: "asc" })).toEqual(["Beta 10", "beta 9", "broken.binary", "Down", "Off"]);
  expect(names({ sort: "uptime" }).slice(0, 2)).toEqual(["beta 9", "Beta 10"]);
  expect(names({ sort: "uptime", order: "asc" }).slice(0, 2)).toEqual(["Beta 10", "beta 9"]);
  expect(names({ sort: "restarts" })).toEqual(["Down", "beta 9", "Beta 10", "Off", "broken.binary"]);
});

test("every word is searched for in names, authors, descriptions and reasons", () => {
  expect(names({ q: "BETA" })).toEqual(["beta 9", "Beta 10"]);
  expect(names({ q: "beta  ada" })).toEqual(["Beta 10"]);
  expect(names({ q: "weather" })).toEqual(["beta 9"]);
  expect(names({ q: "metadata" })).toEqual(["broken.binary"]);
  expect(names({ q: "nothing like it" })).toEqual([]);
});

test("each plugin is in one group", () => {
  expect(names({ show: "problems" })).toEqual(["broken.binary", "Down"]);
  expect(countGroups(plugins)).toEqual({ running: 2, problems: 2, disabled: 1 });
});
