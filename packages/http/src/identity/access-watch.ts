import type { Access } from "./access.ts";
import type { Identity } from "./identity.ts";

/** Calls back when the session or token is over; returns the function that ends that. */
export type Watch = (end: () => void) => () => void;

export interface AccessWatchOptions {
  /** Who has a credential now, whatever was known before. */
  lookUp: (credential: string) => Promise<Identity | null>;
  intervalMs: number;
  complain: (message: string, error: unknown) => void;
}

/** Something open: a live stream, a download, a WebSocket. */
interface Watched {
  access: Exclude<Access, "open">;
  end: () => void;
}

/** Ends what is open when the session or token that opened it is over: its plain requests would be refused from then on. */
export class AccessWatch {
  readonly #options: AccessWatchOptions;
  readonly #open = new Map<string, Set<Watched>>();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(options: AccessWatchOptions) {
    this.#options = options;
  }

  /** Returns the function that ends the watch. `end` is called at most once, and not after that. */
  watch(credential: string, access: Watched["access"], end: () => void): () => void {
    const watched = { access, end };
    const others = this.#open.get(credential) ?? new Set();
    this.#open.set(credential, others.add(watched));
    this.#timer ??= setInterval(() => void this.check(), this.#options.intervalMs);
    return () => this.#forget(credential, watched);
  }

  /** Asks once for each credential that anything open came with. */
  async check(): Promise<void> {
    for (const [credential, watched] of this.#open) {
      const identity = await this.#ask(credential);
      for (const one of watched) {
        if (identity !== null && (one.access === "user" || identity.role === "admin")) continue;
        this.#forget(credential, one);
        one.end();
      }
    }
  }

  async #ask(credential: string): Promise<Identity | null> {
    try {
      return await this.#options.lookUp(credential);
    } catch (error) {
      this.#options.complain("whether what is open may stay so could not be checked, so it was ended", error);
      return null;
    }
  }

  #forget(credential: string, watched: Watched): void {
    const others = this.#open.get(credential);
    if (others?.delete(watched) !== true) return;
    if (others.size === 0) this.#open.delete(credential);
    if (this.#open.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
