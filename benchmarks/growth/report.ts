import { spread, table } from "../forward/markdown.ts";
import { medianOf } from "../forward/statistics.ts";

/** A request to the last plugin, the state of the last plugin, the list of them all. */
export const KINDS = ["request", "state", "list"] as const;
export type Kind = (typeof KINDS)[number];

export interface Sample {
  p50Us: number;
  p99Us: number;
  /** Time of the host on the processors for one, without what it uses idle. */
  cpuUs: number;
}

export interface Results {
  count: number;
  /** From the start of the process. */
  allHealthyMs: number;
  idleBytes: number;
  /** Share of one processor. */
  idleCpu: number;
  samples: Record<Kind, Sample[]>;
}

/** A figure may differ so much from the smallest crowd's before it counts as growth. */
const MOST_GROWTH = 1.2;

/** The results as Markdown. */
export function report(machine: string[], results: Results[]): string {
  return [
    machine.map((line) => `- ${line}`).join("\n"),
    targets(results),
    crowds(results),
    costs(results),
    perPlugin(results),
  ].join("\n\n");
}

function targets(results: Results[]): string {
  const most = results.at(-1)?.count ?? 0;
  const verdict = (name: string, value: number) => [name, value.toFixed(2), value <= MOST_GROWTH ? "yes" : `**no**`];
  const smallest = results.find(({ count }) => count >= 10) ?? results.at(0);
  const listEach = (row: Results | undefined) => (row === undefined ? Number.NaN : cpu(row, "list") / row.count);
  return table(
    [`With ${most} plugins, no more than ${MOST_GROWTH} times`, "times", "Met"],
    [
      verdict("a request's CPU, of that with one", growth(results, "request")),
      verdict("one plugin's state, of that with one", growth(results, "state")),
      verdict(
        `a plugin's share of the list, of that with ${smallest?.count}`,
        listEach(results.at(-1)) / listEach(smallest),
      ),
    ],
  );
}

/** How many times the first crowd's CPU the last one's is; the median of the rounds' own ratios. */
function growth(results: Results[], kind: Kind, row = results.at(-1)): number {
  const first = results.at(0)?.samples[kind] ?? [];
  return medianOf(first.map((sample, round) => (row?.samples[kind][round]?.cpuUs ?? Number.NaN) / sample.cpuUs));
}

function crowds(results: Results[]): string {
  const rows = results.map(({ count, allHealthyMs, idleBytes, idleCpu }) => [
    String(count),
    (allHealthyMs / 1000).toFixed(1),
    (idleBytes / 1e6).toFixed(0),
    (idleCpu * 100).toFixed(2),
  ]);
  return table(["Plugins", "all healthy after, s", "memory idle, MB", "CPU idle, % of one"], rows);
}

function costs(results: Results[]): string {
  const rows = results.map((row) => [
    String(row.count),
    ...(["request", "state"] as const).flatMap((kind) => [
      `${cpu(row, kind).toFixed(0)} (${growth(results, kind, row).toFixed(2)})`,
      spread(row.samples[kind].map(({ p50Us }) => p50Us)),
      spread(row.samples[kind].map(({ p99Us }) => p99Us)),
    ]),
  ]);
  return table(
    [
      "Plugins",
      "a request: CPU, µs (÷ first)",
      "p50, µs",
      "p99, µs",
      "a state: CPU, µs (÷ first)",
      "p50, µs",
      "p99, µs",
    ],
    rows,
  );
}

function perPlugin(results: Results[]): string {
  const rows = results.map((row) => [
    String(row.count),
    (cpu(row, "list") / 1000).toFixed(2),
    (cpu(row, "list") / row.count).toFixed(1),
    spread(row.samples.list.map(({ p50Us }) => p50Us)),
  ]);
  return table(["Plugins", "the list: CPU, ms", "CPU for each plugin, µs", "p50, µs"], rows);
}

function cpu(row: Results, kind: Kind): number {
  return medianOf(row.samples[kind].map(({ cpuUs }) => cpuUs));
}
