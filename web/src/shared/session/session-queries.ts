import type { Host, Me } from "@toru/http-api";
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { request, RequestError } from "#shared/api/request.ts";

/** Null: nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await request<Me>("/api/auth/me", { signal });
    } catch (error) {
      if (error instanceof RequestError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** With the moment the host started, by this browser's clock. */
export const hostQuery = queryOptions({
  queryKey: ["host"],
  queryFn: async ({ signal }) => {
    const host = await request<Host>("/api/host", { signal });
    return { ...host, startedAt: Date.now() - host.uptime_ms };
  },
  staleTime: 60_000,
});

/** Who is signed in; only below the shell, where somebody is. */
export function useMe(): Me | null {
  return useSuspenseQuery(meQuery).data;
}

export function useIsAdmin(): boolean {
  return useMe()?.role === "admin";
}

export function useHost() {
  return useQuery(hostQuery).data ?? null;
}
