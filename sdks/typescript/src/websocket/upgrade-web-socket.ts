import { randomUUID } from "node:crypto";
import type { PluginWebSocket } from "./plugin-web-socket.ts";

/** Works with one socket from its opening on. When it is done the socket is closed, where it throws as failed (1011). */
export type WebSocketHandler = (socket: PluginWebSocket) => unknown;

export interface UpgradeOptions {
  /** One of those that the client offers in `sec-websocket-protocol`. */
  protocol?: string;
}

/**
 * Marks of the handshake (RFC 6455): they pass through frameworks that make a Request or Response anew, which neither
 * an identity nor the status 101 would.
 */
const KEY = "sec-websocket-key";
const ACCEPT = "sec-websocket-accept";

/** Requests for a WebSocket that `fetch` has to answer. */
const offers = new Map<string, UpgradeOffer>();

/** A request for a WebSocket. */
export class UpgradeOffer implements Disposable {
  readonly #key = randomUUID();
  #handler: WebSocketHandler | null = null;

  constructor() {
    offers.set(this.#key, this);
  }

  /** Goes into the headers of the Request. */
  get headers(): Record<string, string> {
    return { upgrade: "websocket", connection: "upgrade", [KEY]: this.#key };
  }

  accept(handler: WebSocketHandler): void {
    this.#handler = handler;
  }

  /** Who takes it up; null where this Response is an answer in place of a socket. Takes the mark off. */
  acceptedBy({ headers }: Response): WebSocketHandler | null {
    if (headers.get(ACCEPT) !== this.#key) return null;
    headers.delete(ACCEPT);
    return this.#handler;
  }

  [Symbol.dispose](): void {
    offers.delete(this.#key);
  }
}

/**
 * Takes up a WebSocket. Return what this returns from `fetch`; the socket opens then, and `handler` is called with it. Where
 * the request asks for none, the answer is 426. To refuse one, return any other Response.
 *
 * @throws TypeError where `protocol` is none that the client offers.
 */
export function upgradeWebSocket(request: Request, handler: WebSocketHandler, options: UpgradeOptions = {}): Response {
  const key = request.headers.get(KEY);
  const offer = key === null ? undefined : offers.get(key);
  if (key === null || offer === undefined) {
    return new Response("A WebSocket is spoken here.\n", { status: 426, headers: { upgrade: "websocket" } });
  }
  const headers = new Headers({ [ACCEPT]: key });
  const { protocol } = options;
  if (protocol !== undefined) {
    const offered = request.headers.get("sec-websocket-protocol") ?? "";
    if (!offered.split(/\s*,\s*/).includes(protocol)) {
      throw new TypeError(`the client does not offer the subprotocol "${protocol}", but "${offered}"`);
    }
    headers.set("sec-websocket-protocol", protocol);
  }
  offer.accept(handler);
  return new Response(null, { headers });
}
