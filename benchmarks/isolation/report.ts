import { spread, table } from "../forward/markdown.ts";
import { medianOf } from "../forward/statistics.ts";
import type { Asked } from "../programs/client.ts";

/** What the project promises: no more than so many times the p99 beside a quiet neighbour. */
const MOST_TIMES = 1.2;

export interface Sample {
  steady: Asked;
  closed: Asked;
  /** Share of one processor that the host used while the steady rate was measured. */
  hostCpu: number;
}

export interface Results {
  name: string;
  samples: Sample[];
}

type Load = "steady" | "closed";

/** The results as Markdown. The first is the quiet neighbour, the third a process that spins. */
export function report(machine: string[], results: Results[]): string {
  const [quiet, , control] = results as [Results, Results, Results];
  const rows = results.map((row) => {
    const times = (load: Load, base: Results) => ratio(row, base, load).toFixed(2);
    const verdict = (load: Load, base: Results) => (ratio(row, base, load) <= MOST_TIMES ? "yes" : "**no**");
    return [
      row.name,
      ...(["steady", "closed"] as const).flatMap((load) => [
        medianOf(row.samples.map((sample) => sample[load].p50Us)).toFixed(0),
        spread(row.samples.map((sample) => sample[load].p99Us)),
        times(load, quiet),
        times(load, control),
      ]),
      (medianOf(row.samples.map(({ hostCpu }) => hostCpu)) * 100).toFixed(0),
      (["steady", "closed"] as const).map((load) => verdict(load, quiet)).join(" / "),
      (["steady", "closed"] as const).map((load) => verdict(load, control)).join(" / "),
    ];
  });
  return [
    machine.map((line) => `- ${line}`).join("\n"),
    table(
      [
        "The neighbour",
        "steady: p50, µs",
        "p99, µs",
        "÷ quiet",
        "÷ spinning",
        "closed: p50, µs",
        "p99, µs",
        "÷ quiet",
        "÷ spinning",
        "host's CPU, % of one",
        `≤ ${MOST_TIMES} of quiet, steady / closed`,
        `≤ ${MOST_TIMES} of spinning`,
      ],
      rows,
    ),
  ].join("\n\n");
}

/** The median of the rounds' own ratios of p99. */
function ratio(row: Results, base: Results, load: Load): number {
  return medianOf(
    row.samples.map((sample, round) => sample[load].p99Us / (base.samples[round]?.[load].p99Us ?? Number.NaN)),
  );
}
