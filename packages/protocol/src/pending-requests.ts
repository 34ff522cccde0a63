/**
 * Matches replies to the requests that wait for them, by `request_id` alone. A reply that nobody waits for — late,
 * doubled or never asked for — is dropped and counted.
 */
export class PendingRequests<T> {
  readonly #waiting = new Map<string, (reply: T) => void>();
  #nextId = 1;
  #dropped = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** Replies that matched no request. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Registers a request. `settle` is called at most once, with the reply. */
  add(settle: (reply: T) => void): string {
    const id = String(this.#nextId++);
    this.#waiting.set(id, settle);
    return id;
  }

  settle(id: string, reply: T): boolean {
    const settle = this.#waiting.get(id);
    if (settle === undefined) {
      this.#dropped += 1;
      return false;
    }
    this.#waiting.delete(id);
    settle(reply);
    return true;
  }

  /** Gives up on one request; its reply, should it come, counts as dropped. */
  abandon(id: string): boolean {
    return this.#waiting.delete(id);
  }

  settleAll(reply: T): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const settle of waiting) settle(reply);
  }
}
