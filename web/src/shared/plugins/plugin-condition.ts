import type { PanelPlugin } from "./plugin.ts";

/** What a person sees of a plugin's state: one word, one colour, one shape. */
export type PluginCondition =
  | "running"
  | "unhealthy"
  | "starting"
  | "stopping"
  | "crashed"
  | "failed"
  | "disabled"
  | "invalid";

export type Tone = "good" | "warn" | "bad" | "quiet";

export const TONE_OF: Record<PluginCondition, Tone> = {
  running: "good",
  unhealthy: "bad",
  starting: "warn",
  stopping: "warn",
  crashed: "bad",
  failed: "bad",
  disabled: "quiet",
  invalid: "bad",
};

export function conditionOf(plugin: PanelPlugin): PluginCondition {
  if (plugin.kind === "invalid") return "invalid";
  switch (plugin.status) {
    case "running":
      return plugin.health === "unhealthy" ? "unhealthy" : "running";
    case "starting":
      return plugin.crashes > 0 ? "crashed" : "starting";
    case "backoff":
      return "crashed";
    case "disabled":
      // A file that was replaced is so for a moment, before its new process starts.
      return plugin.enabled ? "starting" : "disabled";
    case "failed":
    case "stopping":
      return plugin.status;
  }
}

/** Whether the page of the plugin cannot be shown, and its crash should be instead. */
export function isDown(condition: PluginCondition): boolean {
  return condition === "crashed" || condition === "failed";
}

/** Whether a person should look at it first. */
export function needsAttention(condition: PluginCondition): boolean {
  return TONE_OF[condition] === "bad";
}
