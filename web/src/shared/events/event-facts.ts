import type { PluginEvent } from "@toru/http-api";
import { type EndingHint, type ExitCause, hintOf, hostReasonOf } from "#shared/plugins/exit-words.ts";

/** One thing that an event says, for a text to say it. */
export type EventFact =
  | { fact: "ending"; code: number | null; signal: string | null }
  | { fact: "hint"; hint: EndingHint }
  | { fact: "reason"; reason: string }
  | { fact: "uptime"; ms: number }
  | { fact: "inRow"; count: number }
  | { fact: "retry"; ms: number }
  | { fact: "attempt"; attempt: number }
  | { fact: "limit"; count: number }
  | { fact: "byHand" };
