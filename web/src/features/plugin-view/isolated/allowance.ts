/** At most `most` of something in each span of `spanMs` milliseconds. */
export class Allowance {
  readonly #most: number;
  readonly #spanMs: number;
  #since = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(most: number, spanMs: number) {
    this.#most = most;
    this.#spanMs = spanMs;
  }

  /** False where there is none left. */
  take(now: number): boolean {
    if (now - this.#since >= this.#spanMs) {
      this.#since = now;
      this.#taken = 0;
    }
    this.#taken += 1;
    return this.#taken <= this.#most;
  }
}
