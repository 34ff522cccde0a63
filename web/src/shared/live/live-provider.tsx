import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { applyLive } from "./apply-live.ts";
import type { LiveStatus } from "./live-message.ts";
import { openLive } from "./open-live.ts";

const Status = createContext<LiveStatus>("connecting");

/** Keeps everything below it up to date while somebody is signed in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>("connecting");
  useEffect(
    () =>
      openLive((message) => {
        if (message.type === "status") setStatus(message.status);
        applyLive(client, message);
      }),
    [client],
  );
  return <Status value={status}>{children}</Status>;
}

export function useLiveStatus(): LiveStatus {
  return use(Status);
}
