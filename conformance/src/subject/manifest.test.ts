import { expect, test } from "bun:test";
import manifests from "../../../spec/golden/manifests.json";
import { manifestProblems, readOutput, toManifest } from "./manifest.ts";

test.each(manifests.valid.map((golden) => [golden.name, golden] as const))("right: %s", (_name, golden) => {
  const read = readOutput(Buffer.from(golden.output));
  if ("problem" in read) throw new Error(read.problem);
  expect(manifestProblems(read.value)).toEqual([]);
  const { protocol, handles } = toManifest(read.value);
  expect({ protocol, handles: [...handles] }).toEqual({ protocol: golden.protocol as 1 | 2, handles: golden.handles });
});

test.each(manifests.invalid.map((golden) => [golden.name, golden] as const))("wrong: %s", (_name, golden) => {
  const read = readOutput(Buffer.from(golden.output));
  const fields = "problem" in read ? [] : manifestProblems(read.value).map(({ field }) => field);
  expect(fields.toSorted()).toEqual(golden.fields.toSorted());
  expect("problem" in read).toBe(golden.fields.length === 0);
});
