export interface ReportOptions {
  /** Counts a `should` that fails as a failure. */
  strict: boolean;
  /** Tells what went over the wire. */
  verbose: boolean;
}
