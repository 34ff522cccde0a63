export { ALL_CASES } from "./cases/all-cases.ts";
export { checkFile, EXIT_CODES, examine, FORMAT_NAMES, type CheckOptions, type ExamineOptions } from "./check-file.ts";
export type { Citation, ExamAction, ExamCase } from "./exam/exam-case.ts";
export { ExamError } from "./exam/exam-error.ts";
export { hasPassed, verdictOf, type CaseResult, type ExamReport, type Outcome, type Verdict } from "./exam/report.ts";
