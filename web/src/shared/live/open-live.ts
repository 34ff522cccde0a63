import { LiveConnection } from "./live-connection.ts";
import type { LiveMessage, LiveRequest } from "./live-message.ts";

type Listener = (message: LiveMessage) => void;

/**
 * Hears of every change that `viewer` may see until the returned function is called. All tabs share one connection where
 * the browser has shared workers; phones that have none do not open many tabs either.
 */
export function openLive(viewer: string, listener: Listener): () => void {
  return typeof SharedWorker === "undefined" ? openAlone(listener) : openShared(viewer, listener);
}

function openAlone(listener: Listener): () => void {
  const connection = new LiveConnection(listener);
  connection.open();
  return () => connection.close();
}

function openShared(viewer: string, listener: Listener): () => void {
  const worker = new SharedWorker(new URL("live-worker.ts", import.meta.url), { type: "module", name: "toru-live" });
  const { port } = worker;
  const tell = (request: LiveRequest) => port.postMessage(request);
  const open = () => tell({ type: "open", viewer });
  const close = () => tell({ type: "close" });
  const closed = new AbortController();
  const { signal } = closed;
  let closeAlone = () => {};
  port.addEventListener("message", ({ data }) => listener(data as LiveMessage), { signal });
  port.start();
  open();
  // Its script did not come: the host may have a newer panel than this page.
  worker.addEventListener("error", () => (closeAlone = openAlone(listener)), { signal, once: true });
  // A page that is left may come back out of the browser's memory; one that is frozen would let messages pile up.
  window.addEventListener("pagehide", close, { signal });
  window.addEventListener("pageshow", ({ persisted }) => persisted && open(), { signal });
  document.addEventListener("freeze", close, { signal });
  document.addEventListener("resume", open, { signal });
  return () => {
    closed.abort();
    closeAlone();
    close();
    port.close();
  };
}
