import type { PluginApi, PluginPage } from "@toru/page";
import { settle } from "./settle.ts";

interface MountOptions {
  page: PluginPage;
  createApi: (signal: AbortSignal) => PluginApi;
  /** What `mount` has thrown or rejected with, not after `unmount`. */
  onFailure: (error: unknown) => void;
  /** Its element stays in the document, out of sight, until `unmount` has settled. */
  lingers: boolean;
}

export interface MountedPage {
  /** Aborts the page's signal, calls its `unmount` and takes it away, whatever it throws: that goes to `onError`. */
  unmount(onError: (error: unknown) => void): void;
}

/** Puts the page into the document: a slot of the shell shows it. */
export function mountPage({ page, createApi, onFailure, lingers }: MountOptions): MountedPage {
  const { outlet, container } = appendOutlet();
  const end = new AbortController();
  const fail = (error: unknown) => {
    if (!end.signal.aborted) onFailure(error);
  };
  settle(() => page.mount(container, createApi(end.signal))).catch(fail);
  return {
    unmount: (onError) => {
      if (end.signal.aborted) return;
      end.abort();
      const unmounted = settle(() => page.unmount?.(container)).catch(onError);
      if (!lingers) return outlet.remove();
      outlet.removeAttribute("id");
      outlet.removeAttribute("slot");
      void unmounted.finally(() => outlet.remove());
    },
  };
}

function appendOutlet() {
  const host = document.querySelector("#toru");
  if (host === null) throw new Error("the document has no #toru");
  const outlet = document.createElement("div");
  outlet.id = "toru-plugin-outlet";
  outlet.slot = "plugin";
  const container = document.createElement("div");
  container.className = "toru-plugin-page";
  outlet.append(container);
  host.append(outlet);
  return { outlet, container };
}
