import type { Manifest } from "../subject/manifest.ts";
import type { TranscriptEntry } from "../subject/transcript.ts";
import type { ExamAction, ExamCase } from "./exam-case.ts";

export interface Failure {
  sent: string | null;
  came: string;
}

export type Outcome =
  | { status: "passed" }
  | { status: "failed"; failure: Failure }
  | { status: "skipped"; reason: string };

export interface CaseResult {
  examCase: ExamCase;
  outcome: Outcome;
  ms: number;
  transcript: readonly TranscriptEntry[];
  /** Why this case is known to fail; null where it is not. */
  known: string | null;
}

export interface ExamReport {
  file: string;
  /** Null where it could not be read. */
  manifest: Manifest | null;
  /** What the plugin offers to the exam; null where nothing that was asked needs it. */
  examRoute: readonly ExamAction[] | null;
  /** The features that the plugin takes up; null where nothing that was asked needs to know. */
  features: readonly string[] | null;
  results: readonly CaseResult[];
  ms: number;
}

/** What a result means for the exam as a whole. */
export type Verdict = "passed" | "skipped" | "warning" | "known failure" | "failed" | "passed although known to fail";

export function verdictOf({ outcome, known, examCase }: CaseResult, strict: boolean): Verdict {
  switch (outcome.status) {
    case "passed":
      return known === null ? "passed" : "passed although known to fail";
    case "skipped":
      return "skipped";
    case "failed":
      if (known !== null) return "known failure";
      return examCase.severity === "must" || strict ? "failed" : "warning";
  }
}

/** Whether the plugin has passed. `strict` counts warnings as failures. */
export function hasPassed({ results }: ExamReport, strict: boolean): boolean {
  return results.every((result) => {
    const verdict = verdictOf(result, strict);
    return verdict !== "failed" && verdict !== "passed although known to fail";
  });
}
