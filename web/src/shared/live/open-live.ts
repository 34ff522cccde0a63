import { LiveConnection } from "./live-connection.ts";
import type { LiveMessage } from "./live-message.ts";

/**
 * Hears of every change until the returned function is called. All tabs share one connection where the browser has
 * shared workers; phones that have none do not open many tabs either.
 */
export function openLive(listener: (message: LiveMessage) => void): () => void {
  return typeof SharedWorker === "undefined" ? openAlone(listener) : openShared(listener);
}

function openAlone(listener: (message: LiveMessage) => void): () => void {
  const connection = new LiveConnection(listener);
  connection.open();
  return () => connection.close();
}

function openShared(listener: (message: LiveMessage) => void): () => void {
  const worker = new SharedWorker(new URL("live-worker.ts", import.meta.url), { type: "module", name: "toru-live" });
  const { port } = worker;
  const open = () => port.postMessage("open");
  const close = () => port.postMessage("close");
  const closed = new AbortController();
  const { signal } = closed;
  port.addEventListener("message", ({ data }) => listener(data as LiveMessage), { signal });
  port.start();
  open();
  // A page that is left may come back out of the browser's memory.
  window.addEventListener("pagehide", close, { signal });
  window.addEventListener("pageshow", ({ persisted }) => persisted && open(), { signal });
  return () => {
    closed.abort();
    close();
    port.close();
  };
}
