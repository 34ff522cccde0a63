import { expect, test } from "bun:test";
import { LineBrake } from "./line-brake.ts";

test("a burst passes, the flood behind it is counted, and the count is told when lines pass again", () => {
  let now = 0;
  const written: string[] = [];
  const brake = new LineBrake(
    (message) => written.push(message),
    () => now,
  );
  for (let index = 0; index < 1000; index++) brake.line(`line ${index}`);
  expect(written).toEqual(Array.from({ length: 10 }, (_, index) => `line ${index}`));
  now = 1_000;
  brake.line("later");
  expect(written.slice(10)).toEqual(["990 more lines like the ones before were left out", "later"]);
});
