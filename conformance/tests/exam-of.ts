import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examine, verdictOf, type CaseResult, type ExamineOptions, type ExamReport } from "../src/index.ts";

export const ROOT = join(import.meta.dir, "../..");

/** A plugin's file in a folder of its own, as an executable; `change` may change its text. */
export async function installed(
  file: string,
  beside: Record<string, string> = {},
  change?: (text: string) => string,
): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "toru-examined-"));
  const path = join(folder, "exam.binary");
  if (change === undefined) await copyFile(file, path);
  else await Bun.write(path, change(await Bun.file(file).text()));
  await chmod(path, 0o755);
  for (const [name, text] of Object.entries(beside)) await Bun.write(join(folder, name), text);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Examines a copy of a file. */
export async function examOf(
  file: string,
  options: ExamineOptions = {},
  beside: Record<string, string> = {},
  change?: (text: string) => string,
): Promise<ExamReport> {
  await using plugin = await installed(file, beside, change);
  return await examine(plugin.path, options);
}

/** All that did not go as it should, for a test to compare with nothing. Strict: a `should` counts, too. */
export function complaints({ results }: ExamReport, strict = true): string[] {
  return results.flatMap((result) => {
    const verdict = verdictOf(result, strict);
    return verdict === "failed" || verdict === "passed although known to fail" ? [describe(result)] : [];
  });
}

/** The ids of the cases that were skipped. */
export function skipped({ results }: ExamReport): string[] {
  return results.flatMap(({ outcome, examCase }) => (outcome.status === "skipped" ? [examCase.id] : []));
}

function describe({ examCase, outcome }: CaseResult): string {
  return `${examCase.id}: ${outcome.status === "failed" ? outcome.failure.came : "passed although known to fail"}`;
}
