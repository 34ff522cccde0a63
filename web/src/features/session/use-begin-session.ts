import type { Me } from "@toru/http-api";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { meQuery } from "#shared/session/session-queries.ts";

/** What follows a sign-in: nothing that was loaded for somebody else stays, and the page goes on to this path. */
export function useBeginSession(): (me: Me, path: string) => void {
  const client = useQueryClient();
  const router = useRouter();
  return (me, path) => {
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] });
    client.setQueryData(meQuery.queryKey, me);
    // By the history and not as an address: it cannot lead to another site.
    router.history.replace(path);
  };
}
