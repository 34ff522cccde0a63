import { useEffect, useState } from "react";
import type { PluginStateEvent } from "../index.ts";
import { useApi } from "./use-api.ts";

/** The last change of the plugin's state since the page was mounted; null while there was none. */
export function usePluginState(): PluginStateEvent | null {
  const api = useApi();
  const [state, setState] = useState<PluginStateEvent | null>(null);
  useEffect(() => api.subscribe((event) => event.type === "state" && setState(event)), [api]);
  return state;
}
