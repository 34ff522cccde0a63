import { useCallback, useSyncExternalStore } from "react";
import { useApi } from "./use-api.ts";

export interface PagePath {
  /** What of the address is below the page's own: `"disks/sda?x=1"` at `/view/<id>/disks/sda?x=1`, else `""`. */
  path: string;
  /** Goes to a path below the page's own address, or by `"/…"` anywhere in the panel. The page stays mounted. */
  go: (path: string) => void;
}

/** The address below the page's own, which follows links, `go` and the browser's back and forward. */
export function usePath(): PagePath {
  const api = useApi();
  const path = useSyncExternalStore(subscribe, readPath);
  const go = useCallback(
    (target: string) => {
      // The address of the page itself: an empty path would stay where it is.
      api.navigate(target === "" ? ownPath() : target);
      for (const listener of listeners) listener();
    },
    [api],
  );
  return { path, go };
}

/** `navigate` tells nobody that the address is another one; the other parts of the page hear it from here. */
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("popstate", listener);
  };
}

/** An isolated page has the part below its own address in its hash. */
const isIsolated = () => location.pathname === "/isolated-page.html";

function ownPath(): string {
  return isIsolated() ? "." : location.pathname.split("/").slice(0, 3).join("/");
}

function readPath(): string {
  if (isIsolated()) return location.hash.slice(1);
  return location.pathname.split("/").slice(3).join("/") + location.search;
}
