/** Writes `verdicts.txt` anew: `bun faults/fuzz/write-verdicts.ts`, after a change of the protocol or of the golden frames. */
import { join } from "node:path";
import { Dice } from "./dice.ts";
import { anyPayload, sdkVerdict } from "./verdict.ts";

/** No verdict fills the file. */
const MOST_OF_EACH = 130;
const MAX_BYTES = 400;

const dice = new Dice(1);
const counts = new Map<string, number>();
const lines = new Set<string>();
for (let tries = 0; tries < 5_000; tries++) {
  const payload = anyPayload(dice);
  if (payload.length > MAX_BYTES) continue;
  const verdict = sdkVerdict(payload);
  const count = counts.get(verdict) ?? 0;
  if (count >= MOST_OF_EACH) continue;
  counts.set(verdict, count + 1);
  lines.add(`${verdict} ${payload.toString("hex")}`);
}
await Bun.write(join(import.meta.dir, "verdicts.txt"), `${[...lines].sort().join("\n")}\n`);
console.log(counts);
