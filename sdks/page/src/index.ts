/** What a bundle registers, or what an ES module exports. */
export interface PluginPage {
  mount: MountFunction;
  /** Without one the panel only takes the container away. */
  unmount?: UnmountFunction;
}

/**
 * Draws the page into `container`, which is empty, new for each mount, and part of the ordinary document.
 *
 * What it throws, or what its promise rejects with, is shown in place of the page, with a way to try again. The panel does
 * not wait for the promise: what is drawn shows at once, and the user may leave before it settles.
 */
export type MountFunction = (container: HTMLElement, api: PluginApi) => unknown;

/**
 * Ends what the page has begun: timers, sockets, listeners outside the container. Called once for each mount, a failed one
 * too, after `api.signal` was aborted. The container is taken out of the document right after, whatever happens in here.
 */
export type UnmountFunction = (container: HTMLElement) => unknown;

/** A new object for each mount. */
export interface PluginApi {
  /**
   * Asks the plugin itself. `"/disks?x=1"` goes to `/plugins/<route>/disks?x=1`, or for version 1 of the plugin protocol to
   * `/api/plugins/route/<route>/disks?x=1`. A path that already begins so is left as it is.
   *
   * Resolves and rejects as the browser's `fetch` does: look at `response.ok`. An answer of the host in place of the plugin's
   * (it is starting, it died, it took too long) is `application/problem+json`.
   *
   * @throws TypeError (as a rejection) where the path leads out of the plugin.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;

  /**
   * Goes to a path of the panel without loading it again: `"/events"`, or below the page's own address: `"disks/sda"` is
   * `/view/<id>/disks/sda`, where the page stays mounted and reads `location`. `location` has changed when this returns.
   *
   * @throws TypeError where the path leads to another origin.
   */
  navigate(path: string): void;

  /** Shows a short message in the corner, as text. `"info"` unless told otherwise. */
  showToast(message: string, type?: ToastType): void;

  /** The plugin's own namespace in the host's store, the same that the process of the plugin uses. */
  readonly kv: PluginKv;

  readonly theme: PluginTheme;

  /** Who is signed in. What a user may do is decided by the plugin's process, by the headers that the host adds. */
  readonly user: PluginUser;

  /** Aborted when the page is unmounted. Hand it to `fetch` and to `addEventListener`. */
  readonly signal: AbortSignal;

  /**
   * Calls `listener` for what happens to the plugin until the page is unmounted or the returned function is called. What has
   * happened before is not delivered.
   */
  subscribe(listener: (event: PluginEvent) => void): () => void;
}

export type ToastType = "info" | "success" | "warning" | "error";

/** Rejections are an `Error` whose message is meant for people; its `status` is the HTTP status, 0 where no answer came. */
export interface PluginKv {
  /** Null where there is no such key. */
  get(key: string): Promise<string | null>;
  /** A key has 1 to 512 bytes, a value at most 1 MiB. */
  set(key: string, value: string): Promise<void>;
  /** Also where there is no such key. */
  delete(key: string): Promise<void>;
  /** In the order of the keys' bytes. For the next ones pass the last key as `after`. */
  list(query?: KvQuery): Promise<KvKeys>;
}

export interface KvQuery {
  prefix?: string;
  /** Only keys behind this one. */
  after?: string;
  /** At most this many keys. */
  limit?: number;
}

export interface KvKeys {
  keys: string[];
  /** Whether there are more behind the last one. */
  more: boolean;
}

export interface PluginTheme {
  /** What shows now: the user's choice, or the system's. Styles need not ask: the `--toru-*` tokens follow by themselves. */
  readonly current: ThemeName;
  /** Calls `listener` at each change, until the page is unmounted or the returned function is called. */
  subscribe(listener: (theme: ThemeName) => void): () => void;
}

export type ThemeName = "light" | "dark";

export interface PluginUser {
  readonly username: string;
  readonly role: "admin" | "user";
}

/** Look at `type` first: there may be other events one day. */
export type PluginEvent = PluginStateEvent | PluginLifecycleEvent;

/** Something has happened to the plugin's process, or was done to it. The state that follows from it comes next. */
export interface PluginLifecycleEvent {
  type: "lifecycle";
  event: "started" | "stopped" | "crashed" | "restarted" | "enabled" | "disabled" | "unhealthy";
  /** When, RFC 3339 in UTC. */
  at: string;
}

/** The plugin's state is another than before. */
export interface PluginStateEvent {
  type: "state";
  /** When it is `backoff`, `failed` or `disabled` the page is unmounted right after. */
  status: "starting" | "running" | "stopping" | "backoff" | "failed" | "disabled";
  health: "healthy" | "unhealthy" | "disabled";
  /** Why it is not healthy, in words. */
  healthReason: string | null;
  version: string;
  /** Changes when the executable or the bundle file does: a newer page can be had. */
  revision: string;
}

declare global {
  interface Window {
    /** By the plugin's id. The panel makes it before it runs a bundle. */
    ToruPlugins?: Record<string, PluginPage>;
    /** The older form: `window["toru_plugin_" + id]`. */
    [name: `toru_plugin_${string}`]: PluginPage | undefined;
  }
}
