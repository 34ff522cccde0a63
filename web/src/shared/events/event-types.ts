import type { PluginEventType } from "@toru/http-api";
import type { Tone } from "#shared/plugins/plugin-condition.ts";

export const TONE_OF_EVENT: Record<PluginEventType, Tone> = {
  started: "good",
  restarted: "warn",
  stopped: "quiet",
  crashed: "bad",
  unhealthy: "bad",
  enabled: "quiet",
  disabled: "quiet",
};

export function isEventType(text: string): text is PluginEventType {
  return Object.hasOwn(TONE_OF_EVENT, text);
}

/** In the order in which they are offered. */
export const EVENT_TYPES = Object.keys(TONE_OF_EVENT).filter(isEventType);
