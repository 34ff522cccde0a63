import { spreadOf } from "./statistics.ts";

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function spread(values: number[]): string {
  const { median, least, most } = spreadOf(values);
  return `${median.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`;
}

export function rate(values: number[]): string {
  const { median, least, most } = spreadOf(values.map(Math.round));
  return `${grouped(median)} (${grouped(least)}–${grouped(most)})`;
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function yesNo(met: boolean): string {
  return met ? "yes" : "**no**";
}
