import { verdictOf, type CaseResult, type ExamReport, type Verdict } from "../exam/report.ts";
import { countVerdicts, groupOf } from "./format-human.ts";
import type { ReportOptions } from "./report-options.ts";

/** For CI: JUnit's XML. A warning is a passed test with a text; a known failure counts as skipped. */
export function formatJunit(report: ExamReport, options: ReportOptions): string {
  const counts = countVerdicts(report, options);
  const sum = (...verdicts: Verdict[]) => verdicts.reduce((total, verdict) => total + (counts.get(verdict) ?? 0), 0);
  const failures = sum("failed", "passed although known to fail");
  const skipped = sum("skipped", "known failure");
  const name = attribute(report.manifest?.id ?? report.file);
  const totals = `tests="${report.results.length}" failures="${failures}" skipped="${skipped}" time="${seconds(report.ms)}"`;
  const cases = report.results.map((result) => testCase(result, options)).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${totals}>
<testsuite name="${name}" ${totals}>
${cases}
</testsuite>
</testsuites>
`;
}

function testCase(result: CaseResult, options: ReportOptions): string {
  const { id } = result.examCase;
  const content = contentOf(result, options);
  return `<testcase classname="${groupOf(id)}" name="${id}" time="${seconds(result.ms)}">${content}</testcase>`;
}

function contentOf(result: CaseResult, { strict }: ReportOptions): string {
  const { outcome, known, examCase } = result;
  switch (verdictOf(result, strict)) {
    case "passed":
      return "";
    case "skipped":
      return `<skipped message="${attribute(outcome.status === "skipped" ? outcome.reason : "")}"/>`;
    case "known failure":
      return `<skipped message="${attribute(`known failure: ${known}`)}"/>`;
    case "passed although known to fail":
      return `<failure message="${attribute("passed although it is known to fail; take it out of the file")}"/>`;
    case "warning":
      return `<system-out>${escape(explain(result))}</system-out>`;
    case "failed":
      return `<failure message="${attribute(examCase.title)}">${escape(explain(result))}</failure>`;
  }
}

function explain({ examCase, outcome }: CaseResult): string {
  if (outcome.status !== "failed") return "";
  const { sent, came } = outcome.failure;
  const { says, section } = examCase.cites;
  return `sent: ${sent ?? "nothing"}\ncame: ${came}\ndocument: ${says} (${section})\ndo: ${examCase.advice}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attribute(text: string): string {
  return escape(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;");
}

/** Text for XML, which has no way to write most control characters. */
function escape(text: string): string {
  const printable = text.replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
  return printable.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
