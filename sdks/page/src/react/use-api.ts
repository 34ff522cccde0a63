import { createContext, useContext } from "react";
import type { PluginApi } from "../index.ts";

export const ApiContext = createContext<PluginApi | null>(null);

/** What the panel gave to this mount. Throws outside of a page that `definePage` draws. */
export function useApi(): PluginApi {
  const api = useContext(ApiContext);
  if (api === null)
    throw new Error("useApi works below a component that was given to definePage; in tests use ApiContext");
  return api;
}
