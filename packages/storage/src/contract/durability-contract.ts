import { describe, expect } from "bun:test";
import { startChild } from "./child-process.ts";
import { storageTest, type Fixture, type MakeFixture } from "./fixture.ts";

/** Processes that are killed while they write, one after another: `TORU_KILL_ROUNDS`, else a few. */
const ROUNDS = Number(process.env["TORU_KILL_ROUNDS"] ?? 30);
/** Keys that were acknowledged at least before the kill are from 1 up to so many. */
const MOST_KEYS = 500;
const ROUND_LIMIT_MS = 5_000;

export function durabilityContract(make: MakeFixture): void {
  describe("durability", () => {
    storageTest(
      make,
      `what was answered as stored survives SIGKILL, ${ROUNDS} times on one database`,
      async (storage, fixture) => {
        // Nobody else has it open, so that each opening afterwards has to recover.
        await storage.close();
        for (let round = 0; round < ROUNDS; round += 1) await killWriter(fixture, round);
      },
      60_000 + ROUNDS * ROUND_LIMIT_MS,
    );
  });
}

async function killWriter(fixture: Fixture, round: number): Promise<void> {
  await using child = startChild("set-until-killed.ts", [fixture.url, `round-${round}`]);
  const acknowledged: [plugin: string, key: string][] = [];
  const wanted = 1 + ((round * 197) % MOST_KEYS);
  for (let line = await child.nextLine(); line !== null; line = await child.nextLine()) {
    const [plugin = "", key = ""] = line.split(" ");
    acknowledged.push([plugin, key]);
    if (acknowledged.length === wanted) child.kill();
  }
  await child.exited;
  expect(acknowledged.length).toBeGreaterThanOrEqual(wanted);
  const storage = await fixture.open();
  const values = await Promise.all(acknowledged.map(([plugin, key]) => storage.kv.get(plugin, key)));
  expect(values).toEqual(acknowledged.map(([, key]) => `value of ${key}`));
  await storage.close();
}
