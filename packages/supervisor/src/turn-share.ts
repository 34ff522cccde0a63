/** How long the messages or the output of one plugin may occupy a turn of the event loop, in milliseconds. */
const MOST_MS = 0.25;
/**
 * While others are being asked: how long it may occupy the host with what it wants of its own accord, and how long it rests then.
 * A flood takes a tenth of the thread so; it keeps nobody waiting for longer than this, and goes on at full speed when nobody asks.
 */
const MOST_BESIDE_OTHERS_MS = 0.1;
const REST_MS = 1;

/** Measures one plugin's share of the host's one thread; who has used it up goes on in a later turn. */
export class TurnShare {
  readonly #othersAreAsked: () => boolean;
  readonly #now: () => number;
  #countedAt = 0;
  #until = 0;
  /** Spent on what the plugin wants of its own accord; time makes it good again. */
  #ownMs = 0;

  /** Whether requests for other plugins are on their way. */
  constructor(othersAreAsked: () => boolean, now = () => performance.now()) {
    this.#othersAreAsked = othersAreAsked;
    this.#now = now;
  }

  /** Something has arrived, in a turn of its own. */
  begin(): void {
    this.count(false);
    this.#until = this.#countedAt + MOST_MS;
  }

  /** Counts the time since the last call; `isOwn` where nobody had asked the plugin for what was done. True where no more is left. */
  count(isOwn: boolean): boolean {
    const now = this.#now();
    const ms = now - this.#countedAt;
    this.#countedAt = now;
    this.#ownMs = Math.max(0, this.#ownMs - (ms * MOST_BESIDE_OTHERS_MS) / REST_MS);
    if (isOwn) this.#ownMs += ms;
    return now >= this.#until || this.mustRest;
  }

  /** Resolves in a later turn, with a new share. */
  async next(): Promise<void> {
    if (this.mustRest) await Bun.sleep(REST_MS);
    else await new Promise((resolve) => setImmediate(resolve));
    this.begin();
  }

  /** Others are being asked, and the plugin has wanted more of its own accord than it may beside them. */
  get mustRest(): boolean {
    return this.#ownMs >= MOST_BESIDE_OTHERS_MS && this.#othersAreAsked();
  }
}
