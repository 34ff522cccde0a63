import { useSyncExternalStore } from "react";

/** How often it is looked whether a second has passed, in milliseconds; each second is seen soon after it began. */
const LOOK_MS = 250;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

/** Calls the listener several times a second. */
export function subscribeToSeconds(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const listener of listeners) listener();
  }, LOOK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** In milliseconds since 1970. */
export function currentSecond(): number {
  return Math.floor(Date.now() / 1_000) * 1_000;
}

/** This second, in milliseconds since 1970. All who ask share one timer. */
export function useNow(): number {
  return useSyncExternalStore(subscribeToSeconds, currentSecond);
}
