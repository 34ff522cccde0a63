import { useSyncExternalStore } from "react";

/** Room for all columns beside the open sidebar. */
const WIDE = window.matchMedia("(min-width: 1260px)");

function subscribe(listener: () => void): () => void {
  WIDE.addEventListener("change", listener);
  return () => WIDE.removeEventListener("change", listener);
}

export function useIsWide(): boolean {
  return useSyncExternalStore(subscribe, () => WIDE.matches);
}
