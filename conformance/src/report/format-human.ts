import { verdictOf, type CaseResult, type ExamReport, type Verdict } from "../exam/report.ts";
import type { ReportOptions } from "./report-options.ts";

const MARKS: Record<Verdict, string> = {
  passed: "ok",
  skipped: "skip",
  warning: "WARN",
  "known failure": "known",
  failed: "FAIL",
  "passed although known to fail": "FAIL",
};
const DIRECTIONS = { sent: "→", came: "←", note: "·" };
const ID_WIDTH = 26;

/** For people: what was asked, group by group, with all that helps to mend what failed. */
export function formatHuman(report: ExamReport, options: ReportOptions): string {
  const lines = [headline(report)];
  const shown = report.results.filter(({ outcome }) => outcome.status !== "skipped" || options.verbose);
  for (const [group, results] of Map.groupBy(shown, ({ examCase }) => groupOf(examCase.id))) {
    lines.push("", group, ...results.flatMap((result) => linesOf(result, options)));
  }
  lines.push("", ...skippedLines(report), ...summary(report, options));
  return `${lines.join("\n")}\n`;
}

/** The part of an id that its neighbours share. */
export function groupOf(id: string): string {
  const parts = id.split(".");
  return parts.slice(0, parts.length > 2 || parts[0] === "v1" || parts[0] === "v2" ? 2 : 1).join(".");
}

/** How many results have each verdict. */
export function countVerdicts(report: ExamReport, { strict }: ReportOptions): Map<Verdict, number> {
  const counts = new Map<Verdict, number>();
  for (const result of report.results) {
    const verdict = verdictOf(result, strict);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return counts;
}

function headline({ file, manifest, examRoute, features }: ExamReport): string {
  if (manifest === null) return file;
  const { name, version, protocol, route, handles } = manifest;
  const handled = handles.length === 0 ? "nothing" : handles.join(" and ");
  return `${name} ${version} (${file})\nprotocol ${protocol}, route ${route}, handles ${handled}${taken(features)}${offered(examRoute)}`;
}

function taken(features: ExamReport["features"]): string {
  if (features === null) return "";
  return features.length === 0 ? ", takes up no feature" : `, takes up ${features.join(", ")}`;
}

function offered(examRoute: ExamReport["examRoute"]): string {
  if (examRoute === null) return "";
  return examRoute.length === 0 ? ", no exam route" : `, exam route: ${examRoute.join(", ")}`;
}

function linesOf(result: CaseResult, options: ReportOptions): string[] {
  const { examCase, outcome, ms, transcript, known } = result;
  const verdict = verdictOf(result, options.strict);
  const lines = [
    `  ${MARKS[verdict].padEnd(5)} ${examCase.id.padEnd(ID_WIDTH)} ${examCase.title} (${Math.round(ms)} ms)`,
  ];
  const tell = (name: string, text: string) =>
    lines.push(`        ${name.padEnd(9)} ${text.replaceAll("\n", `\n${" ".repeat(18)}`)}`);
  if (verdict === "passed although known to fail") tell("do", "take it out of the file of known failures");
  if (known !== null) tell("known", known);
  if (outcome.status === "skipped") tell("why", outcome.reason);
  if (outcome.status === "failed") {
    const { section, says, scenario } = examCase.cites;
    if (outcome.failure.sent !== null) tell("sent", outcome.failure.sent);
    tell("came", outcome.failure.came);
    tell("document", `${says} (spec/README.md, "${section}"${scenario === undefined ? "" : `; ${scenario}`})`);
    tell("do", examCase.advice);
  }
  if (options.verbose) {
    for (const { direction, text } of transcript) lines.push(`          ${DIRECTIONS[direction]} ${text}`);
  }
  return lines;
}

function skippedLines({ results }: ExamReport): string[] {
  const byReason = new Map<string, string[]>();
  for (const { examCase, outcome } of results) {
    if (outcome.status !== "skipped") continue;
    byReason.set(outcome.reason, [...(byReason.get(outcome.reason) ?? []), examCase.id]);
  }
  return [...byReason].map(
    ([reason, ids]) => `skipped, it ${reason}: ${ids.length > 8 ? `${ids.length} cases` : ids.join(", ")}`,
  );
}

function summary(report: ExamReport, options: ReportOptions): string[] {
  const counts = [...countVerdicts(report, options)].map(([verdict, count]) => `${count} ${NOUNS[verdict]}`);
  return [`${counts.join(", ")}, in ${(report.ms / 1000).toFixed(1)} s`];
}

const NOUNS: Record<Verdict, string> = {
  passed: "passed",
  skipped: "skipped",
  warning: "warned",
  "known failure": "failed as known",
  failed: "failed",
  "passed although known to fail": "passed although known to fail",
};
