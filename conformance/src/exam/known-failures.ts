import type { ExamCase } from "./exam-case.ts";
import { ExamError } from "./exam-error.ts";

/** Reads a file of known failures: a line `id: reason` each, empty lines, and comments behind #. */
export function parseKnownFailures(text: string, cases: readonly ExamCase[]): Map<string, string> {
  const known = new Map<string, string>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [id = "", ...rest] = line.split(":");
    const reason = rest.join(":").trim();
    const where = `known failures, line ${index + 1}`;
    if (!cases.some((examCase) => examCase.id === id.trim())) {
      throw new ExamError(`${where}: there is no case ${JSON.stringify(id.trim())}; --list shows all`);
    }
    if (reason === "") throw new ExamError(`${where}: ${id.trim()} has no reason; write "${id.trim()}: why it fails"`);
    known.set(id.trim(), reason);
  }
  return known;
}
