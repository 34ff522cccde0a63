import { expect, test } from "bun:test";
import { answerTo } from "./answers.ts";
import { memoryOf, cpuSeconds } from "./process-figures.ts";
import { spreadOf } from "./statistics.ts";
import { withResult } from "./write-result.ts";
import { readReport } from "./wrk.ts";

const line = (errors: string) =>
  `Running 1s test\n{"requests":200,"duration":2000000,"p50":90,"p99":400,"errors":{${errors}}}\n`;

test("a report of wrk is read from its last line", () => {
  expect(readReport(line('"connect":0,"status":0'), "http://x")).toEqual({
    requests: 200,
    seconds: 2,
    p50Us: 90,
    p99Us: 400,
  });
});

test("a run with a failed request is no measurement", () => {
  expect(() => readReport(line('"connect":0,"status":3'), "http://x")).toThrow("status 3");
});

test.each([
  [[3], { median: 3, least: 3, most: 3 }],
  [[9, 1, 5], { median: 5, least: 1, most: 9 }],
  [[1, 10, 2, 4], { median: 3, least: 1, most: 10 }],
])("the spread of %p", (values, expected) => {
  expect(spreadOf(values)).toEqual(expected);
});

test("a result takes the place of the one before, and nothing else changes", async () => {
  const readme = await Bun.file(`${import.meta.dir}/README.md`).text();
  const once = withResult(readme, "first");
  const twice = withResult(once, "second");
  expect(twice).toContain("\nsecond\n");
  expect(twice).not.toContain("\nfirst\n");
  expect(withResult(twice, "first")).toBe(once);
});

test("a README without the markers is refused", () => {
  expect(() => withResult("# no markers", "x")).toThrow("must hold");
});

test("the answers have the sizes that the report names", () => {
  expect(Buffer.byteLength(answerTo("/bench/64k").body)).toBe(65_536);
  expect(Buffer.byteLength(answerTo("/bench/small").body)).toBeWithin(90, 130);
});

test.skipIf(process.platform !== "linux")("the figures of a process are read from /proc", async () => {
  const { residentBytes, proportionalBytes, peakBytes } = await memoryOf(process.pid);
  expect(residentBytes).toBeGreaterThan(1e6);
  expect(proportionalBytes).toBeLessThanOrEqual(residentBytes);
  expect(peakBytes).toBeGreaterThanOrEqual(residentBytes / 2);
  let seconds = 0;
  while (seconds === 0) seconds = await cpuSeconds(process.pid); // counted in hundredths; asking takes some of it, too
  expect(seconds).toBeGreaterThan(0);
});
