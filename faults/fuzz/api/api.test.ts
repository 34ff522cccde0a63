import { expect, test } from "bun:test";
import { SEED } from "../seed.ts";
import { ApiFuzzer, startFuzzedHost } from "./fuzz-api.ts";

test("the API: 1,500 requests by its document, right and wrong, get only what it declares", async () => {
  await using host = await startFuzzedHost();
  const fuzzer = await ApiFuzzer.of(host);
  await fuzzer.run(1_500, SEED);
  expect(fuzzer.faults).toEqual([]);
  expect(await fuzzer.isWell()).toBe(true);
});
