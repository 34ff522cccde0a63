import type { InstalledPlugin } from "#shared/plugins/plugin.ts";
import { bundlePath } from "./load-page.ts";

/** Hears of what the plugin's scripts throw and nobody catches, until `signal` is aborted. */
export function watchFailures(plugin: InstalledPlugin, listener: (error: unknown) => void, signal: AbortSignal): void {
  const scripts = [bundlePath(plugin.id), `/plugins${plugin.route}/`, `/api/plugins/route${plugin.route}/`];
  const isOurs = (text: string | undefined) => scripts.some((script) => text?.includes(script) ?? false);

  const onError = ({ error, filename, message }: ErrorEvent) => {
    if (isOurs(filename) || (error instanceof Error && isOurs(error.stack))) listener(error ?? message);
  };
  const onRejection = ({ reason }: PromiseRejectionEvent) => {
    // What is no Error has no stack; the panel's own code rejects with errors only.
    const isError = reason instanceof Error || reason instanceof DOMException;
    if (!isError || isOurs(reason.stack)) listener(reason);
  };
  window.addEventListener("error", onError, { signal });
  window.addEventListener("unhandledrejection", onRejection, { signal });
}
