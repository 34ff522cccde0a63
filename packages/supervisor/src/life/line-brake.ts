/** Lines that pass at once, and how soon as many pass again, in milliseconds. */
const BURST = 10;
const WINDOW_MS = 1_000;

/** Lets a few lines through and counts the rest: what a plugin provokes must not wash everybody's history away. */
export class LineBrake {
  readonly #write: (message: string) => void;
  readonly #now: () => number;
  #windowStart = Number.NEGATIVE_INFINITY;
  #passed = 0;
  #held = 0;

  constructor(write: (message: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  line(message: string): void {
    if (this.#now() - this.#windowStart >= WINDOW_MS) {
      if (this.#held > 0) this.#write(`${this.#held} more lines like the ones before were left out`);
      this.#windowStart = this.#now();
      this.#passed = 0;
      this.#held = 0;
    }
    if (this.#passed < BURST) {
      this.#passed += 1;
      this.#write(message);
    } else this.#held += 1;
  }
}
