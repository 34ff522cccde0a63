import type { PluginEvent } from "@toru/http-api";
import { hostReasonOf } from "#shared/plugins/exit-words.ts";

/** One thing that an event says, for a text to say it. */
export type EventFact =
  | { fact: "ending"; code: number | null; signal: string | null }
  | { fact: "reason"; reason: string }
  | { fact: "uptime"; ms: number }
  | { fact: "inRow"; count: number }
  | { fact: "retry"; ms: number }
  | { fact: "attempt"; attempt: number }
  | { fact: "limit"; count: number }
  | { fact: "byHand" };

type Details = PluginEvent["details"];

/** In the order in which they are read. What an older host has stored otherwise is left out. */
export function factsOf({ event_type: type, details }: Pick<PluginEvent, "event_type" | "details">): EventFact[] {
  switch (type) {
    case "started":
    case "restarted":
      return [...numberFact(details, "attempt", (attempt) => ({ fact: "attempt", attempt }))];
    case "stopped":
      return [...ending(details), ...uptime(details)];
    case "crashed":
      return [
        ...ending(details),
        ...reason(details),
        ...uptime(details),
        ...numberFact(details, "crashes", (count) => ({ fact: "inRow", count })),
        ...numberFact(details, "retry_in_ms", (ms) => ({ fact: "retry", ms })),
      ];
    case "disabled": {
      const limit = numberFact(details, "crashes", (count) => ({ fact: "limit", count }));
      if (limit.length > 0) return limit;
      return reason(details).length > 0 ? reason(details) : [{ fact: "byHand" }];
    }
    case "unhealthy":
      return reason(details);
    case "enabled":
      return [];
  }
}

function ending({ code, signal }: Details): EventFact[] {
  if (typeof signal === "string") return [{ fact: "ending", code: null, signal }];
  if (typeof code === "number" || code === null) return [{ fact: "ending", code, signal: null }];
  return [];
}

/** Where the ending does not tell it already. */
function reason({ reason: text }: Details): EventFact[] {
  if (typeof text !== "string" || hostReasonOf({ reason: text }) === null) return [];
  return [{ fact: "reason", reason: text }];
}

function uptime(details: Details): EventFact[] {
  return numberFact(details, "uptime_ms", (ms) => ({ fact: "uptime", ms }));
}

function numberFact(details: Details, name: string, toFact: (value: number) => EventFact): EventFact[] {
  const value = details[name];
  return typeof value === "number" ? [toFact(value)] : [];
}
