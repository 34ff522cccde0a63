/** When a crashed plugin is started again, and when no more. Times in milliseconds. */
export interface RestartPolicy {
  /** First wait; it doubles with every crash in a row, up to 16 times this. */
  readonly backoffBaseMs: number;
  /** Crashes in a row that disable the plugin. */
  readonly crashLimit: number;
  /** Crashes within an hour that disable the plugin, whatever health lay between them. */
  readonly crashesPerHour: number;
  /** Health of this length puts the count of crashes back to 0. */
  readonly stableAfterMs: number;
}

export const DEFAULT_RESTART_POLICY: RestartPolicy = {
  backoffBaseMs: 1_000,
  crashLimit: 10,
  crashesPerHour: 20,
  stableAfterMs: 60_000,
};

const HOUR_MS = 3_600_000;

const MAX_DOUBLINGS = 4;

/** The wait before the start that follows the `crashes`-th crash in a row (1, 2, …). */
export function backoffDelay(policy: RestartPolicy, crashes: number): number {
  return policy.backoffBaseMs * 2 ** Math.min(crashes - 1, MAX_DOUBLINGS);
}

export function reachesCrashLimit(policy: RestartPolicy, crashes: number): boolean {
  return crashes >= policy.crashLimit;
}

/** The times of crashes that are less than an hour old. */
export function withinHour(crashTimes: readonly number[], now: number): number[] {
  return crashTimes.filter((at) => now - at < HOUR_MS);
}

/** Whether health since `healthySince` has lasted long enough to forget earlier crashes. */
export function isStable(policy: RestartPolicy, healthySince: number, now: number): boolean {
  return now - healthySince >= policy.stableAfterMs;
}
