import { hasPassed, verdictOf, type CaseResult, type ExamReport } from "../exam/report.ts";
import { countVerdicts } from "./format-human.ts";
import type { ReportOptions } from "./report-options.ts";

/** For programs: one JSON object. */
export function formatJson(report: ExamReport, options: ReportOptions): string {
  const { file, manifest, examRoute, features, results, ms } = report;
  const value = {
    file,
    passed: hasPassed(report, options.strict),
    ms: Math.round(ms),
    manifest,
    exam_route: examRoute,
    features,
    counts: Object.fromEntries(countVerdicts(report, options)),
    cases: results.map((result) => caseValue(result, options)),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function caseValue(result: CaseResult, { strict, verbose }: ReportOptions): object {
  const { examCase, outcome, ms, transcript, known } = result;
  const { id, title, severity, cites, advice } = examCase;
  return {
    id,
    title,
    severity,
    verdict: verdictOf(result, strict),
    ms: Math.round(ms),
    cites,
    ...(outcome.status === "skipped" ? { reason: outcome.reason } : {}),
    ...(outcome.status === "failed" ? { ...outcome.failure, advice } : {}),
    ...(known === null ? {} : { known }),
    ...(verbose ? { transcript } : {}),
  };
}
