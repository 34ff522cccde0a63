import type { Caller } from "@toru/core";

/**
 * How often the requests that wait are looked at. Most are answered before: so a short request needs neither a timer nor
 * an abort signal of its own, which would be among its dearest parts.
 */
const LOOK_MS = 20;

export interface RequestTerms {
  limitMs: number;
  /** Null for a request of the host's own. */
  caller: Caller | null;
}

export interface WaitingRequest<T> extends RequestTerms {
  onReply: (reply: T) => void;
  /** Nobody waits for the reply any more: it did not come in time, or the caller is gone. */
  onGivenUp: (why: "timed out" | "cancelled") => void;
}

interface Entry<T> {
  request: WaitingRequest<T>;
  askedAt: number;
  deadline: number;
  /** Ends the look-out for the caller; null as long as there is none. */
  unfollow: (() => void) | null;
}

/**
 * Matches replies to the requests that wait for them, by `request_id` alone. A reply that nobody waits for — late,
 * doubled or never asked for — is dropped and counted.
 */
export class WaitingRequests<T> {
  readonly #waiting = new Map<string, Entry<T>>();
  #nextId = 1;
  #dropped = 0;
  /** Runs while any request waits. */
  #timer: Timer | null = null;

  get size(): number {
    return this.#waiting.size;
  }

  /** Replies that matched no request. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Registers a request: of `onReply` and `onGivenUp` one is called, once, unless it is abandoned. */
  add(request: WaitingRequest<T>): string {
    const id = String(this.#nextId++);
    const askedAt = performance.now();
    this.#waiting.set(id, { request, askedAt, deadline: askedAt + request.limitMs, unfollow: null });
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    return id;
  }

  /** Its time limit counts from now. */
  prolong(id: string): void {
    const entry = this.#waiting.get(id);
    if (entry !== undefined) entry.deadline = performance.now() + entry.request.limitMs;
  }

  /** False where nobody waits for it. */
  settle(id: string, reply: T): boolean {
    const entry = this.#take(id);
    if (entry === null) this.#dropped += 1;
    else entry.request.onReply(reply);
    return entry !== null;
  }

  /** Its reply, should it come, counts as dropped. */
  abandon(id: string): void {
    this.#take(id);
  }

  settleAll(reply: T): void {
    const ids = [...this.#waiting.keys()];
    for (const id of ids) this.#take(id)?.request.onReply(reply);
  }

  #take(id: string): Entry<T> | null {
    const entry = this.#waiting.get(id);
    if (entry === undefined) return null;
    this.#waiting.delete(id);
    entry.unfollow?.();
    return entry;
  }

  #giveUp(id: string, why: "timed out" | "cancelled"): void {
    this.#take(id)?.request.onGivenUp(why);
  }

  #look(): void {
    const now = performance.now();
    for (const [id, entry] of this.#waiting) {
      if (now >= entry.deadline) this.#giveUp(id, "timed out");
      else if (entry.unfollow === null && now - entry.askedAt >= LOOK_MS) this.#follow(id, entry);
    }
    if (this.#waiting.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** A signal that is first asked for after its caller went away says so at once. */
  #follow(id: string, entry: Entry<T>): void {
    const signal = entry.request.caller?.signal;
    if (signal === undefined) return;
    if (signal.aborted) return this.#giveUp(id, "cancelled");
    const onAbort = () => this.#giveUp(id, "cancelled");
    signal.addEventListener("abort", onAbort);
    entry.unfollow = () => signal.removeEventListener("abort", onAbort);
  }
}
