import type { PluginChange, ResourceSample } from "@toru/http-api";

export type LiveStatus = "connecting" | "live" | "offline";

/** What the one connection to the host tells the tabs. */
export type LiveMessage =
  | { type: "status"; status: LiveStatus }
  /** Changes were missed: whatever was loaded must be loaded again. */
  | { type: "reset" }
  /** Nobody is signed in any more, or the host refuses the stream. */
  | { type: "refused" }
  | { type: "plugin"; change: PluginChange }
  | { type: "resources"; sample: ResourceSample };
