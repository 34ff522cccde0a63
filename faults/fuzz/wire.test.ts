import { expect, test } from "bun:test";
import { Dice } from "./dice.ts";
import { checkHostCodec } from "./host-codec.ts";
import { HostLinkFuzzer } from "./host-link.ts";
import { checkRoundTrips } from "./round-trips.ts";
import { checkSdkConnection } from "./sdk-connection.ts";
import { fuzz } from "./seed.ts";

test("the host's codec: 20,000 changed frames are messages or protocol errors, the same however they are cut", async () => {
  let frames = 0;
  await fuzz(5_000, (seed) => {
    frames += checkHostCodec(new Dice(seed));
  });
  expect(frames).toBeGreaterThan(18_000);
});

test("every message: 20,000 of the host's come out as they went in", async () => {
  let messages = 0;
  await fuzz(900, (seed) => {
    messages += checkRoundTrips(new Dice(seed));
  });
  expect(messages).toBeGreaterThan(20_000);
});

test("a plugin in TypeScript: 8,000 changed frames are answered, ignored or end the connection in order", async () => {
  let frames = 0;
  await fuzz(2_000, async (seed) => {
    frames += await checkSdkConnection(new Dice(seed));
  });
  expect(frames).toBeGreaterThan(7_000);
});

test("the host's links: 4,000 changed frames from a socket end no request but by an answer", async () => {
  await using fuzzer = await HostLinkFuzzer.start();
  let frames = 0;
  await fuzz(600, async (seed) => {
    frames += await fuzzer.checkV2(new Dice(seed));
    if (seed % 3 === 0) frames += await fuzzer.checkV1(new Dice(seed));
  });
  expect(frames).toBeGreaterThan(3_500);
});
