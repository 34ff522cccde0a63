const MIB = 1024 * 1024;

/** Largest body of one webhook, in bytes. */
export const MAX_BODY_BYTES = MIB;
/** Sources of webhooks. */
export const MAX_SOURCES = 50;
/** Replays of one webhook that are remembered. */
export const MAX_REPLAYS = 10;
/** How long the target of a replay may take, in milliseconds. */
export const REPLAY_TIMEOUT_MS = 10_000;
/** What is remembered of the target's answer, in bytes. */
export const MAX_REPLAY_ANSWER_BYTES = 2048;

/** What is kept: the oldest webhooks go first where one of these is exceeded. */
export interface StoreLimits {
  count: number;
  /** Of all bodies together. */
  bytes: number;
  ageMs: number;
}

export const STORE_LIMITS: StoreLimits = { count: 1000, bytes: 64 * MIB, ageMs: 30 * 24 * 60 * 60 * 1000 };
