/** Why a process ended, for the panel and the log. */
export interface Crash {
  /** Milliseconds since the epoch. */
  at: number;
  /** Exit code; null where a signal ended the process or none was started. */
  code: number | null;
  signal: string | null;
  /** In words: what happened, and where the host ended the process, why. */
  reason: string;
  uptimeMs: number;
  /** The last lines of stdout and stderr. */
  output: string[];
  /**
   * Where the plugin did nothing to it: `host`, the machine was short of something just then, so this does not count; `file`,
   * the file cannot be run at all, and trying again will not change that.
   */
  cause?: "host" | "file";
}
