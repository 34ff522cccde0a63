import { QueryClient } from "@tanstack/react-query";
import { RequestError } from "#shared/api/request.ts";

/** Tries again where no answer came or the host was busy; never where it said no. */
function mayRetry(failures: number, error: unknown): boolean {
  const isTransient = error instanceof RequestError && (error.status === 0 || error.status === 503);
  return isTransient && failures < 2;
}

/** A mutation holds what was sent and answered: passwords, new tokens. It is dropped this soon after its form, in milliseconds. */
const KEPT_MS = 1_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: mayRetry, retryDelay: (attempt) => 500 * 2 ** attempt, refetchOnWindowFocus: false },
    mutations: { retry: false, gcTime: KEPT_MS },
  },
});
