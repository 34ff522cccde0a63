import type { Activity } from "./process-activity.ts";

/** How often the processes are looked at while somebody waits for a turn, in milliseconds. */
const LOOK_MS = 10;
/** A turn that takes longer counts no more, whatever its process does, in milliseconds. */
const PATIENCE_MS = 5_000;

/** The right to start a process. Ends when it is disposed. */
export interface Turn extends Disposable {
  /** The process that the turn was taken for. */
  follow(pid: number): void;
}

export interface ProcessorTurnsOptions {
  /** Turns that count at a time. */
  atOnce: number;
  /** What a process does just now; null where it has ended. */
  activityOf: (pid: number) => Activity | null;
  patienceMs?: number;
}

interface Counted {
  end: () => void;
  pid: number | null;
  before: Activity | null;
}

/**
 * Lets a few processes start at a time, in the order in which they asked: who wants a processor has one, and is done before its time
 * limit. A process that has none to wait for, but for something else, counts no more, and so holds nobody up.
 */
export class ProcessorTurns {
  readonly #options: ProcessorTurnsOptions;
  readonly #counted = new Set<Counted>();
  readonly #waiting = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: ProcessorTurnsOptions) {
    this.#options = options;
  }

  /** Null where the signal was aborted first. */
  take(signal: AbortSignal): Promise<Turn | null> {
    return new Promise((resolve) => {
      const leave = (turn: Turn | null) => {
        this.#waiting.delete(begin);
        signal.removeEventListener("abort", onAbort);
        resolve(turn);
      };
      const begin = () => leave(this.#begin());
      const onAbort = () => leave(null);
      if (signal.aborted) return resolve(null);
      signal.addEventListener("abort", onAbort);
      this.#waiting.add(begin);
      this.#fill();
    });
  }

  #begin(): Turn {
    const end = () => {
      clearTimeout(timer);
      if (this.#counted.delete(counted)) this.#fill();
    };
    const timer = setTimeout(end, this.#options.patienceMs ?? PATIENCE_MS);
    const counted: Counted = { end, pid: null, before: null };
    this.#counted.add(counted);
    return { follow: (pid) => (counted.pid = pid), [Symbol.dispose]: end };
  }

  #fill(): void {
    for (const begin of this.#waiting) {
      if (this.#counted.size >= this.#options.atOnce) break;
      begin();
    }
    if (this.#waiting.size > 0) this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #look(): void {
    for (const counted of this.#counted) {
      const { before, pid } = counted;
      if (pid === null) continue;
      const now = this.#options.activityOf(pid);
      counted.before = now;
      if (now?.sleeps === true && before?.sleeps === true && now.ticks === before.ticks) counted.end();
    }
  }
}
