import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Dice } from "./dice.ts";
import { fuzz } from "./seed.ts";
import { anyPayload, examVerdict, hostVerdict, sdkVerdict } from "./verdict.ts";

const forHost = (verdict: string) => (verdict.endsWith("request") ? "message" : verdict);

test("the host, the exam and the plugins' SDK say what all languages say of the same frames", () => {
  const lines = readFileSync(join(import.meta.dir, "verdicts.txt"), "ascii")
    .trimEnd()
    .split("\n");
  expect(lines.length).toBeGreaterThan(500);
  for (const line of lines) {
    const [verdict = "", hex = ""] = line.split(" ");
    const payload = Buffer.from(hex, "hex");
    const [host, exam] = [hostVerdict(payload), examVerdict(payload)];
    expect([hex, sdkVerdict(payload), host, exam]).toEqual([hex, verdict, forHost(verdict), forHost(verdict)]);
  }
});

test("the host, the exam and the plugins' SDK accept and refuse the same of 20,000 changed frames", async () => {
  await fuzz(20_000, (seed) => {
    const payload = anyPayload(new Dice(seed));
    const [host, exam, sdk] = [hostVerdict(payload), examVerdict(payload), sdkVerdict(payload)];
    if (host !== forHost(sdk) || exam !== host)
      throw new Error(`${host}, ${exam}, ${sdk} of ${payload.toString("hex")}`);
  });
});
