import { describe, expect } from "bun:test";
import { startChild } from "./child-process.ts";
import { storageTest, type MakeFixture } from "./fixture.ts";

/** Acknowledged keys after which the child is killed, wherever it is then. */
const KILL_AFTER = [1, 150, 2_000];

export function durabilityContract(make: MakeFixture): void {
  describe("durability", () => {
    for (const count of KILL_AFTER) {
      storageTest(
        make,
        `what was answered as stored survives SIGKILL (after ${count} keys)`,
        async (storage, fixture) => {
          // Alone, so that opening it afterwards has to recover.
          await storage.close();
          await using child = startChild("set-until-killed.ts", [fixture.url]);
          const acknowledged: string[] = [];
          for (let line = await child.nextLine(); line !== null; line = await child.nextLine()) {
            acknowledged.push(line);
            if (acknowledged.length === count) child.kill();
          }
          await child.exited;
          expect(acknowledged.length).toBeGreaterThanOrEqual(count);

          const { kv } = await fixture.open();
          const values = await Promise.all(acknowledged.map((key) => kv.get("acme", key)));
          expect(values).toEqual(acknowledged.map((key) => `value of ${key}`));
        },
      );
    }
  });
}
