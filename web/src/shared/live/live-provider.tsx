import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { applyLive } from "./apply-live.ts";
import type { LiveStatus } from "./live-message.ts";
import { openLive } from "./open-live.ts";

const Status = createContext<LiveStatus>("connecting");

/** Keeps everything below it up to date while `viewer` is signed in. */
export function LiveProvider({ viewer, children }: { viewer: string; children: ReactNode }) {
  const client = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>("connecting");
  useEffect(
    () =>
      openLive(viewer, (message) => {
        if (message.type === "status") setStatus(message.status);
        applyLive(client, message);
      }),
    [client, viewer],
  );
  return <Status value={status}>{children}</Status>;
}

export function useLiveStatus(): LiveStatus {
  return use(Status);
}
