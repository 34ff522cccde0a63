export { definePage } from "./define-page.ts";
export { ApiContext, useApi } from "./use-api.ts";
export { useTheme } from "./use-theme.ts";
export { usePluginState } from "./use-plugin-state.ts";
export { fetchJson, PluginFetchError } from "./fetch-json.ts";
export { usePluginFetch } from "./use-plugin-fetch.ts";
export type { PluginFetch, PluginFetchOptions } from "./use-plugin-fetch.ts";
export { useKv } from "./use-kv.ts";
export type { KvValue } from "./use-kv.ts";
