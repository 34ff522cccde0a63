/** What processes use at one moment. Null: not known yet, or nothing runs. */
export interface Usage {
  /** Percent of one core, over the time since the sample before. */
  cpu: number | null;
  /** Resident memory (RSS), in bytes. */
  memoryBytes: number | null;
}

export interface ResourceSample {
  /** Milliseconds since the epoch. */
  at: number;
  host: {
    /** Percent of all cores of the machine. */
    cpu: number | null;
    memoryBytes: number | null;
    /** On the file system of the data folder. */
    diskUsedBytes: number | null;
  };
  /** The host's own process. */
  process: Usage;
  /** By id; all processes of a plugin together. */
  plugins: ReadonlyMap<string, Usage>;
}

/** Watches what the machine, the host and its plugins use. Where the system cannot tell, there are no samples. */
export interface ResourceMonitor {
  /** Milliseconds from one sample to the next. */
  readonly intervalMs: number;
  readonly cores: number;
  readonly memoryTotalBytes: number | null;
  /** Of the data folder's file system, without what is reserved for root. */
  readonly diskTotalBytes: number | null;
  /** Oldest first; a bounded number of them. */
  readonly samples: readonly ResourceSample[];
  /** Calls back after every sample. Returns the function that ends it. */
  subscribe(listener: (sample: ResourceSample) => void): () => void;
}
