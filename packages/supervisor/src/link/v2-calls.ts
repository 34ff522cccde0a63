import { type Envelope, type MessageType, v2 } from "@toru/protocol";
import { type FrameSocket, MAX_QUEUED_BYTES } from "../socket/frame-socket.ts";
import { busy, cancelled, MAX_WAITING_REQUESTS, timedOut, tooLarge } from "./plugin-link.ts";
import { lost, type Outcome } from "./v2-outcome.ts";
import { type RequestTerms, WaitingRequests } from "./waiting-requests.ts";

interface CallsOptions {
  maxFrameBytes: number;
  /** False where the message does not fit a frame. */
  send: (message: Envelope) => boolean;
  socket: () => FrameSocket | null;
}

/** What the host asks of a plugin on its connection, until each has its outcome. */
export class V2Calls {
  readonly #options: CallsOptions;
  readonly #waiting = new WaitingRequests<Outcome>();
  /** Requests of the host's own that wait: they are few, and a full line must not look like a plugin in bad health. */
  #ofLifecycle = 0;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Replies that matched no request. */
  get dropped(): number {
    return this.#waiting.dropped;
  }

  /** `onSent` is told the request's id. */
  ask(type: MessageType, payload: unknown, terms: RequestTerms, onSent?: (id: string) => void): Promise<Outcome> {
    const socket = this.#options.socket();
    if (socket === null || socket.closed) return Promise.resolve(lost(null));
    if (type === "lifecycle") return this.#askOfLifecycle(payload, terms);
    const isFull = this.#waiting.size - this.#ofLifecycle >= MAX_WAITING_REQUESTS;
    if (isFull || socket.queuedBytes > MAX_QUEUED_BYTES) return Promise.resolve(busy());
    return this.#send(type, payload, terms, onSent);
  }

  /** False where nobody waits for it. */
  settle(id: string, outcome: Outcome): boolean {
    return this.#waiting.settle(id, outcome);
  }

  settleAll(outcome: Outcome): void {
    this.#waiting.settleAll(outcome);
  }

  /** The request's time limit counts from now. */
  prolong(id: string): void {
    this.#waiting.prolong(id);
  }

  async #askOfLifecycle(payload: unknown, terms: RequestTerms): Promise<Outcome> {
    this.#ofLifecycle += 1;
    const outcome = await this.#send("lifecycle", payload, terms);
    this.#ofLifecycle -= 1;
    return outcome;
  }

  #send(type: MessageType, payload: unknown, terms: RequestTerms, onSent?: (id: string) => void): Promise<Outcome> {
    const { maxFrameBytes, send } = this.#options;
    const { limitMs, caller } = terms;
    return new Promise((resolve) => {
      const onGivenUp = (why: "timed out" | "cancelled") => {
        resolve(why === "cancelled" ? cancelled() : timedOut(limitMs));
        if (type !== "lifecycle") send(v2.envelope(type, v2.cancelPayload, id));
      };
      const id = this.#waiting.add({ limitMs, caller, onReply: resolve, onGivenUp });
      if (send(v2.envelope(type, payload, id))) return onSent?.(id);
      this.#waiting.abandon(id);
      return resolve(tooLarge(maxFrameBytes));
    });
  }
}
