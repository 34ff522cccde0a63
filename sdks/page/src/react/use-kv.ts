import { useCallback, useEffect, useState } from "react";
import { useApi } from "./use-api.ts";

export interface KvValue {
  /** Null where there is no such key; undefined until it is known. */
  value: string | null | undefined;
  /** Why it could not be read or stored; undefined where it could. */
  error: Error | undefined;
  /** Shows the value at once and stores it; null deletes the key. Resolves when it is stored, also where that failed. */
  set: (value: string | null) => Promise<void>;
}

/** One key of the plugin's store. Everybody who is signed in can read and write it. */
export function useKv(key: string): KvValue {
  const { kv } = useApi();
  const [state, setState] = useState<{ key: string; value?: string | null; error?: Error }>({ key });
  useEffect(() => {
    let isCurrent = true;
    kv.get(key).then(
      // What was set meanwhile is newer than what was read.
      (value) => isCurrent && setState((last) => (last.key === key && "value" in last ? last : { key, value })),
      (error: unknown) => isCurrent && setState({ key, error: error as Error }),
    );
    return () => {
      isCurrent = false;
    };
  }, [kv, key]);
  const set = useCallback(
    async (value: string | null) => {
      setState({ key, value });
      try {
        await (value === null ? kv.delete(key) : kv.set(key, value));
      } catch (error) {
        setState((last) => (last.key === key ? { ...last, error: error as Error } : last));
      }
    },
    [kv, key],
  );
  const { value, error } = state.key === key ? state : {};
  return { value, error, set };
}
