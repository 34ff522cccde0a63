import type { KvKeys, KvQuery, PluginApi, PluginEvent, PluginKv, PluginUser, ThemeName, ToastType } from "@toru/page";
import { request } from "#shared/api/request.ts";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { toast } from "#shared/ui/toast.ts";
import { currentTheme, followTheme } from "./page-theme.ts";

export interface PageApiOptions {
  plugin: InstalledPlugin;
  user: PluginUser;
  signal: AbortSignal;
  /** Within the panel: path, query and hash. */
  goTo: (href: string) => void;
  followPlugin: (listener: (event: PluginEvent) => void, signal: AbortSignal) => void;
}

/** What a page is handed; pages of either version of the protocol get the same. */
export function createPageApi({ plugin, user, signal, goTo, followPlugin }: PageApiOptions): PluginApi {
  const prefix = fetchPrefix(plugin);
  return {
    fetch: async (path, init) => fetch(pluginUrl(prefix, path), init),
    navigate: (path) => goTo(panelHref(plugin.id, path)),
    showToast,
    kv: createKv(plugin.id),
    theme: {
      get current() {
        return currentTheme();
      },
      subscribe: (listener) =>
        until(signal, listener, (tell: (theme: ThemeName) => void, end) => followTheme(tell, end)),
    },
    user: { username: user.username, role: user.role },
    signal,
    subscribe: (listener) => until(signal, listener, followPlugin),
  };
}

/** Where a request of the plugin's page goes. */
export function fetchPrefix({ protocol, route }: InstalledPlugin): string {
  return protocol === 1 ? `/api/plugins/route${route}` : `/plugins${route}`;
}

function pluginUrl(prefix: string, path: string): string {
  const isWhole = path === prefix || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}?`);
  const separator = /^[/?]/.test(path) || path === "" ? "" : "/";
  const url = new URL(isWhole ? path : prefix + separator + path, location.origin);
  if (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`)) return url.href;
  throw new TypeError(`api.fetch: "${path}" leads out of the plugin`);
}

function panelHref(id: string, path: string): string {
  const url = new URL(path, `${location.origin}/view/${encodeURIComponent(id)}/`);
  if (url.origin === location.origin) return url.pathname + url.search + url.hash;
  throw new TypeError(`api.navigate: "${path}" is not in the panel`);
}

/** A toast is a line or two. */
const MAX_TOAST_CHARACTERS = 500;

/** Whatever it is handed: only text gets into the shell. */
function showToast(message: unknown, type: ToastType = "info"): void {
  const show = { info: toast.info, success: toast.success, warning: toast.warning, error: toast.error }[type];
  (show ?? toast.info)(String(message).slice(0, MAX_TOAST_CHARACTERS));
}

function createKv(id: string): PluginKv {
  const path = `/api/plugins/${encodeURIComponent(id)}/kv`;
  const ask = <T>(body: Record<string, unknown>) => request<T>(path, { method: "POST", body });
  return {
    get: async (key) => (await ask<{ value: string | null }>({ action: "get", key })).value,
    set: async (key, value) => void (await ask({ action: "set", key, value })),
    delete: async (key) => void (await ask({ action: "delete", key })),
    list: ({ prefix, after, limit }: KvQuery = {}) => ask<KvKeys>({ action: "list", prefix, after, limit }),
  };
}

/** Follows until the returned function is called, the page's end at the latest. A listener that throws stops nothing. */
function until<T>(
  pageEnd: AbortSignal,
  listener: (value: T) => void,
  follow: (tell: (value: T) => void, signal: AbortSignal) => void,
): () => void {
  const stopped = new AbortController();
  const tell = (value: T) => {
    try {
      listener(value);
    } catch (error) {
      reportError(error);
    }
  };
  const end = AbortSignal.any([pageEnd, stopped.signal]);
  if (!end.aborted) follow(tell, end);
  return () => stopped.abort();
}
