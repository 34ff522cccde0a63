/** Which log a reader reads. */
export interface LogFile {
  /** Of the current file. Absolute. */
  readonly path: string;
  /** Most rotated files that are kept. */
  readonly keep: number;
  /** Whose the lines are that do not say it. */
  readonly plugin: string;
}
