/**
 * Runs at most `limit` tasks at a time, in the order they were added. A task that takes longer than `patienceMs` goes on
 * but counts no more, so that a few that hang do not hold up the rest.
 */
export class TaskLimit {
  #free: number;
  readonly #patienceMs: number;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number, patienceMs: number) {
    this.#free = limit;
    this.#patienceMs = patienceMs;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let counts = true;
    const makeRoom = () => {
      if (!counts) return;
      counts = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
    const timer = setTimeout(makeRoom, this.#patienceMs);
    try {
      return await task();
    } finally {
      clearTimeout(timer);
      makeRoom();
    }
  }
}
