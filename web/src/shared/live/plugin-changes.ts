import type { PluginChange } from "@toru/http-api";

type Listener = (change: PluginChange) => void;

const listeners = new Set<Listener>();

/** Hears of each change that the host tells, before what is loaded has it, until `signal` is aborted. */
export function followChanges(listener: Listener, signal: AbortSignal): void {
  listeners.add(listener);
  signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
}

export function tellChange(change: PluginChange): void {
  for (const listener of listeners) listener(change);
}
