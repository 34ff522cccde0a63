import type { PluginApi, PluginPage } from "@toru/page";
import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { type PageFailure, PageFault } from "../page-failure.ts";
import { FrameSession } from "./frame-session.ts";
import type { FrameOpening, FrameReport } from "./messages.ts";
import { addressBelow, ownHref } from "./own-address.ts";

/** How long the frame may take to begin, and `unmount` to end, in milliseconds. */
const START_LIMIT_MS = 10_000;
const UNMOUNT_LIMIT_MS = 1_000;

interface IsolatedPageOptions {
  plugin: InstalledPlugin;
  script: string;
  /** What the page throws after its mount. */
  onFailure: (fault: PageFault) => void;
}

/** A page of which the bundle runs in a frame without an origin. To the view it is a page like any other. */
export function isolatedPage({ plugin, script, onFailure }: IsolatedPageOptions): PluginPage {
  let frame: OpenFrame | null = null;
  return {
    mount: (container, api) =>
      new Promise((_resolve, reject) => {
        const onFault = (fault: PageFault) => (fault.failure.stage === "later" ? onFailure(fault) : reject(fault));
        frame = new OpenFrame({ container, api, plugin, script, onFault });
      }),
    unmount: () => frame?.unmount(),
  };
}

interface OpenFrameOptions {
  container: HTMLElement;
  api: PluginApi;
  plugin: InstalledPlugin;
  script: string;
  onFault: (fault: PageFault) => void;
}

class OpenFrame {
  readonly #options: OpenFrameOptions;
  readonly #unmounted = Promise.withResolvers<PageFailure | null>();
  readonly #startLimit: ReturnType<typeof setTimeout>;
  #session: FrameSession | null = null;

  constructor(options: OpenFrameOptions) {
    this.#options = options;
    const { container, plugin } = options;
    const frame = document.createElement("iframe");
    // No `allow-same-origin`: the document has no origin, so no cookie, no storage and no way into the panel.
    frame.setAttribute("sandbox", "allow-scripts allow-forms");
    frame.title = plugin.name;
    frame.referrerPolicy = "no-referrer";
    frame.src = "/isolated-page.html";
    container.style.cssText = "position: relative; min-height: 20rem; padding: 0";
    frame.style.cssText = "position: absolute; inset: 0; width: 100%; height: 100%; border: 0; color-scheme: inherit";
    frame.addEventListener("load", () => this.#loaded(frame));
    this.#startLimit = setTimeout(() => this.#fail({ stage: "load", message: "", details: null }), START_LIMIT_MS);
    container.append(frame);
  }

  /** Rejects with what the page's `unmount` has thrown. The frame may be taken away when this is settled. */
  async unmount(): Promise<void> {
    clearTimeout(this.#startLimit);
    this.#session?.send({ type: "unmount" });
    const limit = setTimeout(() => this.#unmounted.resolve(null), this.#session === null ? 0 : UNMOUNT_LIMIT_MS);
    const failure = await this.#unmounted.promise;
    clearTimeout(limit);
    this.#session?.close();
    if (failure !== null) throw new PageFault(failure);
  }

  #loaded(frame: HTMLIFrameElement): void {
    const { api, plugin, script } = this.#options;
    if (api.signal.aborted) return;
    // Before the first time no code of the plugin has run in it. After that it has gone elsewhere, and is given nothing.
    if (this.#session !== null) {
      this.#session.close();
      return this.#fail({ stage: "mount", message: "it has left its frame", details: null });
    }
    const { port1, port2 } = new MessageChannel();
    const { id } = plugin;
    const onReport = (report: FrameReport) => this.#hear(report);
    this.#session = new FrameSession({ id, port: port1, api, origin: location.origin, onReport });
    const { lang: language } = document.documentElement;
    const address = addressBelow(location);
    const opening: FrameOpening = { id, script, address, language, theme: api.theme.current, user: api.user };
    // "*": a document without an origin cannot be named.
    frame.contentWindow?.postMessage(opening, "*", [port2]);
    addEventListener("popstate", () => this.#tellAddress(), { signal: api.signal });
  }

  #tellAddress(): void {
    const own = ownHref(this.#options.plugin.id, "", location.origin);
    if (`${location.pathname}/`.startsWith(own))
      this.#session?.send({ type: "address", address: addressBelow(location) });
  }

  #hear(report: FrameReport): void {
    if (report.type === "started") clearTimeout(this.#startLimit);
    else if (report.type === "unmounted") this.#unmounted.resolve(report.failure);
    else this.#fail(report.failure);
  }

  #fail(failure: PageFailure): void {
    clearTimeout(this.#startLimit);
    this.#options.onFault(new PageFault(failure));
  }
}
