/** So long after a request somebody is taken to be in the middle of asking, in milliseconds. */
const RECENT_MS = 10;

/** Which plugins are being asked just now. */
export class Traffic {
  #last = { id: "", at: -Infinity };
  /** When the last plugin but that one was asked. */
  #otherAt = -Infinity;
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** A request for the plugin has come, or was answered. */
  note(id: string): void {
    if (this.#last.id !== id) {
      this.#otherAt = this.#last.at;
      this.#last.id = id;
    }
    this.#last.at = this.#now();
  }

  /** Whether any other plugin is. */
  besides(id: string): boolean {
    const at = this.#last.id === id ? this.#otherAt : this.#last.at;
    return this.#now() - at < RECENT_MS;
  }
}
