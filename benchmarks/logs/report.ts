import { rate, table } from "../forward/markdown.ts";
import { medianOf, spreadOf } from "../forward/statistics.ts";
import { QUESTIONS, type ReadingSample } from "./reading.ts";
import { WAYS, type WritingSample } from "./writing.ts";

export function writingTable(samples: readonly WritingSample[]): string {
  const rows = WAYS.flatMap((way) =>
    [1, 50].map((plugins) => {
      const found = samples.filter((sample) => sample.way === way && sample.plugins === plugins);
      return [
        way,
        String(plugins),
        rate(found.map(({ linesPerSecond }) => linesPerSecond)),
        medianOf(found.map(({ cpuUs }) => cpuUs)).toFixed(1),
        String(found.reduce((sum, { wrong }) => sum + wrong, 0)),
      ];
    }),
  );
  return table(["written by", "plugins", "lines/s", "CPU µs of the host for a line", "lost or doubled"], rows);
}

export function readingTable(samples: readonly ReadingSample[]): string {
  const rows = [...QUESTIONS, "tail" as const, "grep" as const].map((question) => {
    const found = samples.filter((sample) => sample.question === question);
    const { median, least, most } = spreadOf(found.map(({ milliseconds }) => milliseconds));
    const isHost = question !== "tail" && question !== "grep";
    const growth = spreadOf(found.map(({ growthBytes }) => growthBytes));
    return [
      isHost ? `${question}, over HTTP` : question,
      `${median.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`,
      isHost ? `${mebibytes(growth.median)} (at most ${mebibytes(growth.most)})` : "",
      isHost ? spreadOf(found.map(({ healthMs }) => healthMs)).most.toFixed(0) : "",
    ];
  });
  return table(
    ["of 1 GB", "ms", "growth of the host's memory, MiB", "longest answer about health meanwhile, ms"],
    rows,
  );
}

function mebibytes(bytes: number): string {
  return (Math.max(0, bytes) / 1024 / 1024).toFixed(0);
}
