import type { Identity } from "./identity.ts";

const MAX_ENTRIES = 1_000;
/** How long a look-up is believed. What this process revokes is forgotten at once; this bounds what others revoke. */
const MAX_AGE_MS = 5_000;

/** Recent look-ups that found somebody, the least recently stored out first. */
export class IdentityCache {
  /** In the order in which they were stored. */
  readonly #entries = new Map<string, { identity: Identity; storedAt: number }>();
  readonly #monotonic: () => number;
  #generation = 0;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Grows with every `clear`: what was looked up before one must not be stored behind it. */
  get generation(): number {
    return this.#generation;
  }

  get(key: string): Identity | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (this.#monotonic() - entry.storedAt < MAX_AGE_MS) return entry.identity;
    this.#entries.delete(key);
    return null;
  }

  set(key: string, identity: Identity, generation: number): void {
    if (generation !== this.#generation) return;
    this.#entries.delete(key);
    this.#entries.set(key, { identity, storedAt: this.#monotonic() });
    if (this.#entries.size <= MAX_ENTRIES) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  clear(): void {
    this.#generation += 1;
    this.#entries.clear();
  }
}
