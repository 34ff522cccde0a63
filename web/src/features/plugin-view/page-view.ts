import type { PluginApi, PluginPage } from "@toru/page";
import { flushSync } from "react-dom";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { loadIsolatedPage } from "./isolated/load-isolated-page.ts";
import { loadPage } from "./load-page.ts";
import { type MountedPage, mountPage } from "./mount-page.ts";
import { failureOf, type PageFailure } from "./page-failure.ts";
import { watchFailures } from "./watch-failures.ts";

export type PageState =
  | { phase: "closed" }
  | { phase: "loading" }
  /** `failure` is the first one since the mount that nobody has put away. */
  | { phase: "shown"; revision: string; failure: PageFailure | null }
  | { phase: "missing"; revision: string }
  | { phase: "failed"; revision: string; failure: PageFailure };

interface PageViewOptions {
  createApi: (plugin: InstalledPlugin, signal: AbortSignal) => PluginApi;
  onUnmountError: (plugin: InstalledPlugin, error: unknown) => void;
}

/** One plugin's page on the screen: loads, mounts and unmounts it, and knows what went wrong. */
export class PageView {
  readonly #options: PageViewOptions;
  readonly #listeners = new Set<() => void>();
  #state: PageState = { phase: "closed" };
  #opening: AbortController | null = null;
  #mounted: MountedPage | null = null;
  /** Whose page it is, as it was when that was loaded. */
  #plugin: InstalledPlugin | null = null;
  /** As it was last heard of. */
  #newest: InstalledPlugin | null = null;

  constructor(options: PageViewOptions) {
    this.#options = options;
  }

  readonly state = (): PageState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Does nothing where it is open, except where there is a newer revision and something failed or it is in development. */
  open(plugin: InstalledPlugin): void {
    this.#newest = plugin;
    const state = this.#state;
    if (this.#opening === null) return void this.#open(plugin, false);
    if (!("revision" in state) || state.revision === plugin.revision) return undefined;
    if (state.phase !== "shown" || plugin.development) this.reload(plugin);
    return undefined;
  }

  /** Loads the script again, of the newest revision. */
  reload(plugin: InstalledPlugin): void {
    this.#newest = plugin;
    this.close();
    void this.#open(plugin, true);
  }

  close(): void {
    this.#opening?.abort();
    this.#opening = null;
    this.#unmount((error, plugin) => this.#options.onUnmountError(plugin, error));
    this.#set({ phase: "closed" });
  }

  dismissFailure(): void {
    if (this.#state.phase === "shown") this.#set({ ...this.#state, failure: null });
  }

  async #open(plugin: InstalledPlugin, again: boolean): Promise<void> {
    const opening = new AbortController();
    const { signal } = opening;
    const { revision } = plugin;
    this.#opening = opening;
    this.#plugin = plugin;
    this.#set({ phase: "loading" });
    const loaded =
      plugin.isolation === "iframe"
        ? await loadIsolatedPage(plugin, (fault) => this.#failedLater(fault))
        : await loadPage(plugin.id, revision, { again });
    if (signal.aborted) return;
    if (loaded.kind === "page") this.#show(loaded.page, plugin, signal);
    else if (loaded.kind === "missing") this.#set({ phase: "missing", revision });
    else this.#set({ phase: "failed", revision, failure: loaded.failure });
    // A newer one may have come while this one was loaded.
    if (this.#opening === opening && this.#newest !== null) this.open(this.#newest);
  }

  #show(page: PluginPage, plugin: InstalledPlugin, signal: AbortSignal): void {
    const { revision } = plugin;
    watchFailures(plugin, (error) => this.#failedLater(error), signal);
    // On the screen before the page is mounted: what it measures or focuses then must have its place.
    flushSync(() => this.#set({ phase: "shown", revision, failure: null }));
    if (signal.aborted) return;
    this.#mounted = mountPage({
      page,
      createApi: (end) => this.#options.createApi(plugin, end),
      onFailure: (error) => this.#failedToMount(error, revision),
      lingers: plugin.isolation === "iframe",
    });
  }

  #failedToMount(error: unknown, revision: string): void {
    console.error(error);
    this.#opening?.abort();
    this.#unmount((second) => console.error("After the failed mount, unmount failed too:", second));
    this.#set({ phase: "failed", revision, failure: failureOf("mount", error) });
  }

  #failedLater(error: unknown): void {
    if (this.#state.phase !== "shown" || this.#state.failure !== null) return;
    this.#set({ ...this.#state, failure: failureOf("later", error) });
  }

  #unmount(onError: (error: unknown, plugin: InstalledPlugin) => void): void {
    const plugin = this.#plugin;
    if (plugin === null) return;
    this.#mounted?.unmount((error) => onError(error, plugin));
    this.#mounted = null;
  }

  #set(state: PageState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
