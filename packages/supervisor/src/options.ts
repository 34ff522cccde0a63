import type { Clock, EventStore, KvStore, LogStore, RestartPolicy } from "@toru/core";

/** All durations in milliseconds, all sizes in bytes. */
export interface SupervisorTimings {
  healthIntervalMs: number;
  requestTimeoutMs: number;
  kvTimeoutMs: number;
  /** For the socket to appear, and again for `ready`. */
  startTimeoutMs: number;
  /** Between the shutdown message and SIGTERM. */
  shutdownGraceMs: number;
  /** Between SIGTERM and SIGKILL. */
  terminateGraceMs: number;
  metadataTimeoutMs: number;
  /** How often the plugins folder is read even when nothing announced a change. */
  rescanIntervalMs: number;
}

export const DEFAULT_TIMINGS: SupervisorTimings = {
  healthIntervalMs: 5_000,
  requestTimeoutMs: 30_000,
  kvTimeoutMs: 5_000,
  startTimeoutMs: 10_000,
  shutdownGraceMs: 5_000,
  terminateGraceMs: 2_000,
  metadataTimeoutMs: 5_000,
  rescanIntervalMs: 5_000,
};

export interface SupervisorOptions {
  /** All paths absolute. */
  pluginsDir: string;
  dataDir: string;
  runDir: string;
  /** Made once for each data folder; marks every process that this host starts. */
  instanceId: string;
  maxFrameBytes: number;
  policy: RestartPolicy;
  timings: SupervisorTimings;
  kv: KvStore;
  events: EventStore;
  logs: LogStore;
  clock: Clock;
  /** Told what a person at the host's terminal should know at once; it is in the supervisor's log too. */
  alert: (message: string) => void;
}
