import { MAX_REPLAYS } from "./limits.ts";

/** One webhook that came in, without its body. */
export interface Delivery {
  /** Sorts by time. */
  id: string;
  source: string;
  receivedAt: string;
  method: string;
  /** Query of the address, with its `?`; empty where there was none. */
  query: string;
  headers: Record<string, string>;
  bodyBytes: number;
  /** The sender's own id of it; null where it named none. */
  deliveryId: string | null;
  /** What kind of event the sender says it is; null where it says nothing. */
  event: string | null;
  /** False for a source of kind `none`. Others are not stored without a right signature. */
  isVerified: boolean;
  /** How often it came: more than once where the sender tried again. */
  attempts: number;
  /** The newest first. */
  replays: Replay[];
}

export interface Replay {
  at: string;
  url: string;
  by: string;
  /** Null where no answer came. */
  status: number | null;
  ms: number;
  /** The beginning of the answer, or why none came. */
  answer: string;
}

/** Headers whose values are kept from everybody: they open other doors. */
const HIDDEN = /^(?:proxy-)?authorization$|^cookie$|token|secret|password|api-?key/;
/** The host's own, which are about the way here and not about the webhook. */
const OF_THE_HOST = /^x-toru-|^x-forwarded-(?!for$)|^x-request-id$/;

export function keptHeaders(headers: Headers): Record<string, string> {
  const kept: [string, string][] = [];
  headers.forEach((value, name) => {
    if (!OF_THE_HOST.test(name)) kept.push([name, HIDDEN.test(name) ? "(hidden)" : value]);
  });
  return Object.fromEntries(kept);
}

const EVENT_HEADERS = ["x-github-event", "x-gitlab-event", "x-event-key", "x-event-type", "ce-type"];

/** What the sender calls this event: in a header, or in the `type` of a JSON body. */
export function eventOf(headers: Headers, json: Record<string, unknown> | null): string | null {
  const named = EVENT_HEADERS.map((name) => headers.get(name)).find((value) => value !== null);
  if (named !== undefined && named !== null) return named.slice(0, 100);
  const type = json?.["type"] ?? json?.["event"];
  return typeof type === "string" ? type.slice(0, 100) : null;
}

/** What somebody who is no admin sees: not where it was replayed to, since such addresses are often secrets. */
export function forUsers(delivery: Delivery): Delivery {
  const hide = (replay: Replay): Replay => ({ ...replay, url: new URL(replay.url).origin, answer: "" });
  return { ...delivery, replays: delivery.replays.map(hide) };
}

export function withReplay(delivery: Delivery, replay: Replay): Delivery {
  return { ...delivery, replays: [replay, ...delivery.replays].slice(0, MAX_REPLAYS) };
}
