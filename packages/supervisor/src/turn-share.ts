/**
 * How long the messages or the output of one plugin may occupy a turn of the event loop, in milliseconds: so long, at most, a flood
 * holds up everybody else before it is their turn.
 */
const MOST_MS = 0.25;

/** Measures one plugin's share of a turn; who has used it up goes on in a later turn. */
export class TurnShare {
  #until = 0;

  begin(): void {
    this.#until = performance.now() + MOST_MS;
  }

  get isSpent(): boolean {
    return performance.now() >= this.#until;
  }

  /** Resolves in a later turn, with a new share. */
  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.begin();
  }
}
