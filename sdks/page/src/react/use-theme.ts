import { useCallback, useSyncExternalStore } from "react";
import type { ThemeName } from "../index.ts";
import { useApi } from "./use-api.ts";

/** `"light"` or `"dark"`, as it shows now. For canvases and images: styles follow by the `--toru-*` tokens. */
export function useTheme(): ThemeName {
  const { theme } = useApi();
  const subscribe = useCallback((listener: () => void) => theme.subscribe(listener), [theme]);
  return useSyncExternalStore(subscribe, () => theme.current);
}
