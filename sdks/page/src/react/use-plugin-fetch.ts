import { useCallback, useEffect, useState } from "react";
import { fetchJson, fetchText } from "./fetch-plugin.ts";
import { useApi } from "./use-api.ts";

export interface PluginFetch<T> {
  /** The last answer, also while a newer one is on its way; undefined before the first. */
  data: T | undefined;
  /** Why the newest request failed; undefined where it did not. */
  error: Error | undefined;
  /** Whether a request is on its way. */
  isLoading: boolean;
  /** Asks again. */
  reload: () => void;
}

export interface PluginFetchOptions {
  /** How the answer is read; `"json"` where nothing is said. */
  as?: "json" | "text";
  /** Asks again this long after each answer, in milliseconds; never where it is absent. */
  refreshMs?: number;
}

/**
 * What the plugin answers to a GET. Asks when it is mounted and when `path` changes; an answer to an older path is not taken.
 * With `null` nothing is asked.
 */
export function usePluginFetch<T>(
  path: string | null,
  { as = "json", refreshMs }: PluginFetchOptions = {},
): PluginFetch<T> {
  const api = useApi();
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<{ data?: T; error?: Error; to?: string }>({});
  const request = `${round} ${path}`;
  useEffect(() => {
    if (path === null) return undefined;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const take = (result: { data: T } | { error: Error }) => {
      if (controller.signal.aborted) return;
      // A failure leaves the last data in place.
      setAnswer((last) => ({ ...(last.data !== undefined && { data: last.data }), ...result, to: request }));
      if (refreshMs !== undefined) timer = setTimeout(() => setRound((last) => last + 1), refreshMs);
    };
    const ask = as === "json" ? fetchJson<T> : (fetchText as typeof fetchJson<T>);
    ask(api, path, { signal: controller.signal }).then(
      (data) => take({ data }),
      (error: unknown) => take({ error: error instanceof Error ? error : new Error(String(error)) }),
    );
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [api, path, as, request, refreshMs]);
  const reload = useCallback(() => setRound((last) => last + 1), []);
  const { data, error, to } = answer;
  return { data, error, isLoading: path !== null && to !== request, reload };
}
