import type { ListedUser, Token } from "@toru/http-api";
import { queryOptions } from "@tanstack/react-query";
import { request } from "#shared/api/request.ts";

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => request<Token[]>("/api/tokens", { signal }),
});

/** Only for admins. */
export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: ({ signal }) => request<ListedUser[]>("/api/users", { signal }),
});
