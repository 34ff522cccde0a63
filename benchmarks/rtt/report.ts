import { spread, table } from "../forward/markdown.ts";
import { medianOf } from "../forward/statistics.ts";
import type { Asked, Question } from "../programs/client.ts";

/** What the project promises, in microseconds. */
const MOST_P50_US = 130;

/** One of the ways a request can go. */
export interface Way {
  name: string;
  group: "bare" | "direct" | "host";
  question: Question;
}

export interface Sample extends Asked {
  /** Time of the host's process on the processors for one exchange. */
  hostUs: number;
}

/** The results as Markdown. */
export function report(machine: string[], ways: Way[], rounds: Map<Way, Sample>[]): string {
  const samples = (way: Way) => rounds.map((round) => round.get(way)).filter((sample) => sample !== undefined);
  const [bare] = ways;
  const rows = ways.map((way) => {
    const own = samples(way);
    const ratios = rounds.map((round) => (round.get(way)?.p50Us ?? Number.NaN) / (round.get(bare as Way)?.p50Us ?? 0));
    return [
      way.name,
      spread(own.map((sample) => sample.p50Us)),
      spread(own.map((sample) => sample.p99Us)),
      medianOf(ratios).toFixed(2),
      way.group === "host" ? medianOf(own.map((sample) => sample.hostUs)).toFixed(0) : "",
      medianOf(own.map((sample) => sample.clientUs)).toFixed(1),
    ];
  });
  const targets = ways
    .filter((way) => way.group === "host")
    .map((way) => {
      const measured = medianOf(samples(way).map((sample) => sample.p50Us));
      const met = measured < MOST_P50_US ? "yes" : `**no, ${(measured - MOST_P50_US).toFixed(0)} µs over**`;
      return [`under ${MOST_P50_US} µs p50, ${way.name.replaceAll("**", "")}`, `${measured.toFixed(0)} µs`, met];
    });
  return [
    machine.map((line) => `- ${line}`).join("\n"),
    table(["Target", "Measured", "Met"], targets),
    table(
      ["One request at a time", "p50, µs", "p99, µs", "p50 ÷ bare echo", "host's CPU, µs", "client's CPU, µs"],
      rows,
    ),
  ].join("\n\n");
}
