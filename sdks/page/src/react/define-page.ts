import { type ComponentType, createElement, type ReactNode, useEffect } from "react";
import { createRoot, type Root } from "react-dom/client";
import type { PluginPage } from "../index.ts";
import { ApiContext } from "./use-api.ts";

/**
 * The page that draws a component. What the component throws before it is first on the screen fails the mount, which the
 * panel shows in place of the page; what it throws later the panel shows in a bar above it.
 */
export function definePage(Component: ComponentType): PluginPage {
  const roots = new Map<HTMLElement, Root>();
  return {
    mount: (container, api) =>
      new Promise<void>((resolve, reject) => {
        let isMounted = false;
        const onUncaughtError = (error: unknown) => (isMounted ? reportError(error) : reject(asError(error)));
        const onMounted = () => {
          isMounted = true;
          resolve();
        };
        const root = createRoot(container, { onUncaughtError });
        roots.set(container, root);
        const page = createElement(Mounted, { onMounted }, createElement(Component));
        root.render(createElement(ApiContext, { value: api }, page));
      }),
    unmount: (container) => {
      roots.get(container)?.unmount();
      roots.delete(container);
    },
  };
}

function Mounted({ onMounted, children }: { onMounted: () => void; children?: ReactNode }): ReactNode {
  useEffect(onMounted, [onMounted]);
  return children;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
