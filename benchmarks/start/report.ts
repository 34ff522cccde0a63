import { spread, table } from "../forward/markdown.ts";
import type { Memory } from "../forward/process-figures.ts";
import { medianOf } from "../forward/statistics.ts";
import type { Crowd } from "./crowds.ts";

/** Milliseconds from the start of the host's process. */
export interface Start {
  /** Its first answer, to a sign-in. */
  hostMs: number;
  /** The first and the last plugin that was healthy. */
  firstMs: number;
  allMs: number;
}

export interface Round {
  /** The slowest of the plugins with a host of its own. */
  alone: Start;
  together: Start;
  /** The same processes, started without a host. */
  bareMs: number;
}

export interface CrowdRounds {
  crowd: Crowd;
  rounds: Round[];
}

export interface Rest {
  count: number;
  /** Share of one processor. */
  cpu: number;
  memory: Memory;
}

/** The results as Markdown. */
export function report(machine: string[], crowds: CrowdRounds[], rest: Rest[]): string {
  return [machine.map((line) => `- ${line}`).join("\n"), starts(crowds), rests(rest)].join("\n\n");
}

function starts(crowds: CrowdRounds[]): string {
  const rows = crowds.map(({ crowd, rounds }) => [
    crowd.name,
    spread(rounds.map(({ alone }) => alone.allMs)),
    spread(rounds.map(({ together }) => together.allMs)),
    `**${medianOf(rounds.map(({ alone, together }) => together.allMs / alone.allMs)).toFixed(2)}**`,
    spread(rounds.map(({ bareMs }) => bareMs)),
    spread(rounds.map(({ together }) => together.hostMs)),
    spread(rounds.map(({ together }) => together.firstMs)),
    rounds.every(({ together }) => together.hostMs <= together.allMs) ? "yes" : "**no**",
  ]);
  return table(
    [
      "Plugins",
      "slowest alone healthy, ms",
      "all healthy, ms",
      "all ÷ alone",
      "the same processes without a host, ms",
      "host answers, ms",
      "first plugin healthy, ms",
      "host before the last plugin",
    ],
    rows,
  );
}

function rests(rest: Rest[]): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  const rows = rest.map(({ count, cpu, memory }) => [
    String(count),
    megabytes(memory.residentBytes),
    megabytes(memory.proportionalBytes),
    megabytes(memory.peakBytes),
    (cpu * 100).toFixed(2),
  ]);
  return table(
    ["Plugins at rest", "host's RSS, MB", "PSS, MB", "highest RSS since its start, MB", "host's CPU, % of one"],
    rows,
  );
}
