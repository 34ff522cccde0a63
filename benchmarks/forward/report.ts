import { rate, table, yesNo } from "./markdown.ts";
import type { LoadCase, Round } from "./load.ts";
import type { Memory } from "./process-figures.ts";
import { medianOf, spreadOf } from "./statistics.ts";

/** What the project wants: of nginx's requests/s, and of its p99. */
const LEAST_SMALL_RATIO = 0.9;
const LEAST_LARGE_RATIO = 0.8;
const MOST_P99_RATIO = 1.5;
const MOST_IDLE_BYTES = 80e6;
const MOST_SUCCESSOR_MS = 1_300;

export interface Results {
  machine: string[];
  load: { case: LoadCase; rounds: Round[] }[];
  /** With the ten plugins healthy and no request for 10 s. */
  idle: Memory;
  /** After the load; its peak is the one under load. */
  loaded: Memory;
  successorMs: number[];
}

/** The results as Markdown. */
export function report(results: Results): string {
  return [
    results.machine.map((line) => `- ${line}`).join("\n"),
    targets(results),
    loadTable(results),
    memoryTable(results),
    successors(results),
  ].join("\n\n");
}

function targets({ load, idle, successorMs }: Results): string {
  const small = load.filter(({ case: { path } }) => path.endsWith("/small"));
  const large = load.filter((one) => !small.includes(one));
  const slowest = spreadOf(successorMs).most;
  return table(
    ["Target", "Measured", "Met"],
    [
      ratioRow(
        `small: at least ${LEAST_SMALL_RATIO} of nginx's requests/s`,
        ratios(small, throughputRatio),
        (ratio) => ratio >= LEAST_SMALL_RATIO,
      ),
      ratioRow(
        `small: p99 at most ${MOST_P99_RATIO} times nginx's`,
        ratios(small, p99Ratio),
        (ratio) => ratio <= MOST_P99_RATIO,
      ),
      ratioRow(
        `64k: at least ${LEAST_LARGE_RATIO} of nginx's requests/s`,
        ratios(large, throughputRatio),
        (ratio) => ratio >= LEAST_LARGE_RATIO,
      ),
      [
        `under ${megabytes(MOST_IDLE_BYTES)} resident, idle with 10 plugins`,
        megabytes(idle.residentBytes),
        yesNo(idle.residentBytes < MOST_IDLE_BYTES),
      ],
      [
        `a killed plugin's successor answers within ${MOST_SUCCESSOR_MS} ms`,
        `at most ${slowest.toFixed(0)} ms`,
        yesNo(slowest <= MOST_SUCCESSOR_MS),
      ],
    ],
  );
}

function ratios(load: Results["load"], ratio: (round: Round) => number): number[] {
  return load.map(({ rounds }) => medianOf(rounds.map(ratio)));
}

function ratioRow(target: string, values: number[], isMet: (value: number) => boolean): string[] {
  const { least, most } = spreadOf(values);
  const met = values.filter(isMet).length;
  return [
    target,
    `${least.toFixed(2)} to ${most.toFixed(2)}`,
    met === values.length ? "yes" : `**in ${met} of ${values.length} cases**`,
  ];
}

function loadTable({ load }: Results): string {
  const rows = load.map(({ case: { path, connections }, rounds }) => {
    const host = rounds.map((round) => round.host);
    const nginx = rounds.map((round) => round.nginx);
    const caddy = rounds.map((round) => round.caddy);
    const cpu = (samples: typeof host) => medianOf(samples.map((sample) => sample.cpuUs)).toFixed(0);
    return [
      path.slice(path.lastIndexOf("/") + 1),
      String(connections),
      rate(host.map((sample) => sample.requestsPerSecond)),
      rate(nginx.map((sample) => sample.requestsPerSecond)),
      rate(caddy.map((sample) => sample.requestsPerSecond)),
      `**${medianOf(rounds.map(throughputRatio)).toFixed(2)}**`,
      latency(host),
      latency(nginx),
      latency(caddy),
      medianOf(rounds.map(p99Ratio)).toFixed(2),
      `${cpu(host)} / ${cpu(nginx)} / ${cpu(caddy)}`,
    ];
  });
  return table(
    [
      "Answer",
      "Connections",
      "Host, requests/s",
      "nginx, requests/s",
      "Caddy, requests/s",
      "Host ÷ nginx",
      "Host p50 / p99, ms",
      "nginx p50 / p99, ms",
      "Caddy p50 / p99, ms",
      "p99 host ÷ nginx",
      "CPU µs a request, host / nginx / Caddy",
    ],
    rows,
  );
}

function memoryTable({ idle, loaded }: Results): string {
  const row = (name: string, { residentBytes, proportionalBytes, peakBytes }: Memory) => [
    name,
    megabytes(residentBytes),
    megabytes(proportionalBytes),
    megabytes(peakBytes),
  ];
  return table(
    ["Memory of the host", "Resident (RSS)", "Proportional (PSS)", "Highest RSS"],
    [row("idle, 10 plugins; highest since its start", idle), row("10 s after the load; highest under load", loaded)],
  );
}

function successors({ successorMs }: Results): string {
  const { median, most } = spreadOf(successorMs);
  return (
    `From SIGKILL to the successor's first answer, ${successorMs.length} times: ` +
    `median ${median.toFixed(0)} ms, at most ${most.toFixed(0)} ms, of which 1,000 are the wait before the first restart.`
  );
}

function throughputRatio({ host, nginx }: Round): number {
  return host.requestsPerSecond / nginx.requestsPerSecond;
}

function p99Ratio({ host, nginx }: Round): number {
  return host.p99Us / nginx.p99Us;
}

function latency(samples: { p50Us: number; p99Us: number }[]): string {
  const milliseconds = (values: number[]) => (medianOf(values) / 1000).toFixed(2);
  return `${milliseconds(samples.map((sample) => sample.p50Us))} / ${milliseconds(samples.map((sample) => sample.p99Us))}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
