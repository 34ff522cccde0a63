/** Writes `verdicts.txt` anew: `bun faults/fuzz/write-verdicts.ts`, after a change of the protocol or of the golden frames. */
import { join } from "node:path";
import { Dice } from "./dice.ts";
import { anyPayload, sdkVerdict } from "./verdict.ts";

/** No verdict fills the file. */
const MOST_OF_EACH = 130;
const MAX_BYTES = 400;

/** What readers once disagreed on. */
const request = (fields: string) => `{"type":"http","request_id":"1","payload":{"method":"GET","path":"/",${fields}}}`;
const FOUND = [
  request('"headers":{"a":1e400,"a":["b"]}'),
  request('"headers":{"a":1}'),
  request('"headers":[]'),
  request('"body":1'),
  request('"body_base64":1,"body":""'),
  request('"body_base64":"QR=="'),
  request(`"extra":${"9".repeat(5000)}`),
  '{"type":"http","request_id":"1","payload":null}',
];

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
for (const text of FOUND) {
  const payload = Buffer.from(text);
  lines.add(`${sdkVerdict(payload)} ${payload.toString("hex")}`);
}
await Bun.write(join(import.meta.dir, "verdicts.txt"), `${[...lines].sort().join("\n")}\n`);
console.log(counts);
