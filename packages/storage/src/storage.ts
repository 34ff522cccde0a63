import type { AccountStore, EventStore, KvStore } from "@toru/core";

/** One open database. Its stores reject with `StorageError` and with nothing else. */
export interface Storage {
  readonly kv: KvStore;
  readonly events: EventStore;
  readonly accounts: AccountStore;
  /** A quick read, for readiness. Rejects where the database cannot answer any more. */
  check(): Promise<void>;
  /** Closing twice is no error. Every later call of a store rejects with code `closed`. */
  close(): Promise<void>;
}
