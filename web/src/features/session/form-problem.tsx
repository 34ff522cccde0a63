import { useProblemText } from "./use-problem-text.ts";

/** Why the whole form was refused; nothing for null. */
export function FormProblem({ error }: { error: unknown }) {
  const textOf = useProblemText();
  if (error === null) return null;
  return (
    <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-[13px] text-bad">
      {textOf(error)}
    </p>
  );
}
