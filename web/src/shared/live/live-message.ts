import type { PluginChange, ResourceSample } from "@toru/http-api";

export type LiveStatus = "connecting" | "live" | "offline";

/** What the one connection to the host tells the tabs. */
export type LiveMessage =
  | { type: "status"; status: LiveStatus }
  /** Changes were missed: whatever was loaded must be loaded again. */
  | { type: "reset" }
  /** The host refused the stream, or it was cut and came back: ask anew who is signed in. */
  | { type: "session" }
  | { type: "plugin"; change: PluginChange }
  | { type: "resources"; sample: ResourceSample };

/** What a tab tells the connection that it shares with others. `viewer`: who is signed in, by its knowledge. */
export type LiveRequest = { type: "open"; viewer: string } | { type: "close" };
