import { test } from "bun:test";
import type { Storage } from "../storage.ts";

/** An empty database of one engine. Disposing it closes what was opened and removes the database. */
export interface Fixture extends AsyncDisposable {
  /** For `openStorage`, also in another process. */
  readonly url: string;
  open(): Promise<Storage>;
}

export type MakeFixture = () => Promise<Fixture>;

/** Longest that a test with processes or much data may take on a busy machine. */
const TEST_TIMEOUT_MS = 60_000;

/** Declares a test that gets a database of its own. */
export function storageTest(
  make: MakeFixture,
  name: string,
  body: (storage: Storage, fixture: Fixture) => Promise<void>,
  timeoutMs = TEST_TIMEOUT_MS,
): void {
  test(
    name,
    async () => {
      await using fixture = await make();
      await body(await fixture.open(), fixture);
    },
    timeoutMs,
  );
}
