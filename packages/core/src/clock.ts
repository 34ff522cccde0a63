/** Time as the core sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since the epoch, for what is shown and stored. */
  now(): number;
  /** Milliseconds that only ever grow, for waits and durations: the wall clock may jump. */
  monotonic(): number;
}
