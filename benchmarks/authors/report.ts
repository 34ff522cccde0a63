import { table, yesNo } from "../forward/markdown.ts";
import { medianOf, spreadOf } from "../forward/statistics.ts";
import type { Language } from "./author.ts";

/** What the project promises. */
const MOST_FIRST_MS = 60_000;
const MOST_SAVE_MS = 1_000;

export interface Results {
  machine: string[];
  /** From `toru new` to the first answer and page. */
  first: { language: Language; ms: number[] }[];
  /** From a save to the changed answer. */
  saves: { language: Language; ms: number[] }[];
  /** One request at a time through the host, by the median and the 99th percentile of each round. */
  trips: { language: Language; p50Us: number[]; p99Us: number[] }[];
}

/** The results as Markdown. */
export function report({ machine, first, saves, trips }: Results): string {
  const fastest = Math.min(...trips.map(({ p50Us }) => medianOf(p50Us)));
  return [
    machine.map((line) => `- ${line}`).join("\n"),
    table(
      ["From `toru new` to an answering page", "median, s", "least to most, s", `under ${MOST_FIRST_MS / 1000} s`],
      first.map(({ language, ms }) => [language, ...inSeconds(ms, 1), yesNo(spreadOf(ms).most < MOST_FIRST_MS)]),
    ),
    table(
      ["From a save to the changed answer", "median, s", "least to most, s", `at most ${MOST_SAVE_MS / 1000} s`],
      saves.map(({ language, ms }) => [
        language,
        ...inSeconds(ms, 2),
        language === "rust" ? "not promised" : yesNo(spreadOf(ms).most <= MOST_SAVE_MS),
      ]),
    ),
    table(
      ["Round trip of a small request", "p50, µs", "p99, µs", "p50 ÷ the fastest"],
      trips.map(({ language, p50Us, p99Us }) => [
        language,
        medianOf(p50Us).toFixed(0),
        medianOf(p99Us).toFixed(0),
        (medianOf(p50Us) / fastest).toFixed(2),
      ]),
    ),
  ].join("\n\n");
}

function inSeconds(ms: number[], digits: number): [string, string] {
  const { median, least, most } = spreadOf(ms);
  const seconds = (value: number) => (value / 1000).toFixed(digits);
  return [seconds(median), `${seconds(least)} to ${seconds(most)}`];
}
