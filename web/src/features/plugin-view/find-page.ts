import type { PluginPage } from "@toru/page";

/** The page of this plugin in any of the forms that bundles have; `module` is what an ES module exports. */
export function findPage(id: string, module: Record<string, unknown> | null): PluginPage | null {
  const places = [window.ToruPlugins?.[id], window[`toru_plugin_${id}`], module, module?.["default"]];
  return places.find(isPage) ?? null;
}

/** So that a bundle that registers nothing is not taken for what an earlier one has registered. */
export function forgetPage(id: string): void {
  window.ToruPlugins ??= {};
  delete window.ToruPlugins[id];
  delete window[`toru_plugin_${id}`];
}

function isPage(place: unknown): place is PluginPage {
  if (typeof place !== "object" || place === null) return false;
  const { mount, unmount } = place as { mount?: unknown; unmount?: unknown };
  return typeof mount === "function" && (unmount === undefined || typeof unmount === "function");
}
