import type { ExamCase } from "../exam/exam-case.ts";

/** All cases, one a line: id, severity, versions, what it needs, title. */
export function formatList(cases: readonly ExamCase[]): string {
  const rows = cases.map(({ id, severity, versions, needs, handles, feature, title }) => {
    const route = needs === undefined ? (handles ?? "") : `exam route: ${needs.join(", ")}`;
    const wanted = feature === undefined ? route : `${feature}, ${route}`;
    return [id, severity, versions.map((version) => `v${version}`).join(" "), wanted, title];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return `${rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n")}\n`;
}
