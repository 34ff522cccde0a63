import type { z } from "@hono/zod-openapi";
import { problemSchema } from "@toru/http-api";
import { PROBLEMS, type ProblemCode, type ProblemStatus } from "../problem-codes.ts";
import { PROBLEM_MEDIA_TYPE } from "../problem.ts";

/** The declaration of a JSON answer or body. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** The declaration of a JSON body that a request must have. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true as const, content: { "application/json": { schema } } };
}

interface ProblemAnswer {
  description: string;
  content: { [PROBLEM_MEDIA_TYPE]: { schema: typeof problemSchema } };
}

type ProblemAnswers<C extends ProblemCode> = { [S in ProblemStatus<C>]: ProblemAnswer };

/** What every route may answer. */
const UNFORESEEN = ["internal", "storage-failed"] as const;
type Unforeseen = (typeof UNFORESEEN)[number];

/** The declarations of the problems that a route answers with, by status. */
export function problems<C extends ProblemCode = never>(...codes: C[]): ProblemAnswers<C | Unforeseen> {
  const answers: Record<number, ProblemAnswer> = {};
  for (const code of [...codes, ...UNFORESEEN]) {
    const { status, title } = PROBLEMS[code];
    const known = answers[status];
    const description = `${title} (\`${code}\`)`;
    if (known === undefined)
      answers[status] = { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } } };
    else known.description += `; ${description}`;
  }
  return answers;
}

/** What every route for signed-in users may answer. */
export const USER_PROBLEMS = ["unauthenticated", "read-only-token", "cross-origin"] as const;
export const ADMIN_PROBLEMS = [...USER_PROBLEMS, "forbidden"] as const;
/** What every route that takes a JSON body may answer. */
export const BODY_PROBLEMS = ["invalid-request", "malformed-json", "body-too-large", "unsupported-media-type"] as const;
