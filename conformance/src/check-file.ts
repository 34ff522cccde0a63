import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ALL_CASES } from "./cases/all-cases.ts";
import type { ExamCase } from "./exam/exam-case.ts";
import { ExamError } from "./exam/exam-error.ts";
import { parseKnownFailures } from "./exam/known-failures.ts";
import { hasPassed, type ExamReport } from "./exam/report.ts";
import { runExam } from "./exam/run-exam.ts";
import { formatHuman } from "./report/format-human.ts";
import { formatJson } from "./report/format-json.ts";
import { formatJunit } from "./report/format-junit.ts";
import { formatList } from "./report/format-list.ts";
import type { ReportOptions } from "./report/report-options.ts";

const FORMATS = { human: formatHuman, json: formatJson, junit: formatJunit };

export const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

export interface CheckOptions extends Partial<ReportOptions> {
  format?: string;
  /** Ids, or, where there is no such id, what ids start with. Empty or absent: all. */
  only?: string[];
  /** Path of a file of known failures. */
  knownFailures?: string;
  /** Prints the cases instead of running them. */
  list?: boolean;
}

/** What ended `checkFile`: passed, failed, could not be run. */
export const EXIT_CODES = { passed: 0, failed: 1, notRun: 2 } as const;

/**
 * The command: examines a file, prints the report on stdout, and returns the exit code. SIGINT and SIGTERM end the exam
 * with everything that it started. Never throws.
 */
export async function checkFile(file: string | undefined, options: CheckOptions): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = (signal: string) => interrupted.abort(new ExamError(`interrupted by ${signal}`));
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    return await check(file, options, interrupted.signal);
  } catch (error) {
    await Bun.write(Bun.stderr, `toru check: ${error instanceof ExamError ? error.message : (error as Error).stack}\n`);
    return EXIT_CODES.notRun;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

async function check(file: string | undefined, options: CheckOptions, signal: AbortSignal): Promise<number> {
  const { strict = false, verbose = false, only = [], list = false } = options;
  const format = FORMATS[formatName(options.format ?? "human")];
  const selected = selection(only);
  if (list) {
    await Bun.write(Bun.stdout, formatList(ALL_CASES.filter(selected)));
    return EXIT_CODES.passed;
  }
  if (file === undefined) throw new ExamError("name the plugin's executable: toru check FILE");
  const knownFailures = await readKnownFailures(options.knownFailures);
  const report = await examine(resolve(file), { selected, knownFailures, signal });
  await Bun.write(Bun.stdout, format(report, { strict, verbose }));
  return hasPassed(report, strict) ? EXIT_CODES.passed : EXIT_CODES.failed;
}

export interface ExamineOptions {
  selected?: (examCase: ExamCase) => boolean;
  knownFailures?: ReadonlyMap<string, string>;
  signal?: AbortSignal;
}

/** Examines a file. Throws an ExamError where that cannot be done. */
export async function examine(file: string, options: ExamineOptions = {}): Promise<ExamReport> {
  await requireExecutable(file);
  const { selected = () => true, knownFailures = new Map(), signal = new AbortController().signal } = options;
  try {
    return await runExam({ file, cases: ALL_CASES, selected, knownFailures, signal });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint = code === undefined ? undefined : START_HINTS[code];
    if (hint === undefined) throw error;
    throw new ExamError(`${file} cannot be started (${code}): ${hint}`);
  }
}

const START_HINTS: Record<string, string> = {
  ENOEXEC: "it is no program; a script needs a first line like #!/usr/bin/env python3",
  ENOENT: "the interpreter that its first line names is not there",
  EACCES: "it, or the interpreter that its first line names, may not be executed",
  ETXTBSY: "it is still being written",
};

async function requireExecutable(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null) throw new ExamError(`${file} is not there`);
  if (!found.isFile()) throw new ExamError(`${file} is no file; name the plugin's executable`);
  await access(file, constants.X_OK).catch(() => {
    throw new ExamError(`${file} is not executable; run: chmod +x ${file}`);
  });
}

function formatName(name: string): keyof typeof FORMATS {
  const known = FORMAT_NAMES.find((format) => format === name);
  if (known === undefined) throw new ExamError(`--format is one of ${FORMAT_NAMES.join(", ")}, not ${name}`);
  return known;
}

function selection(only: readonly string[]): (examCase: ExamCase) => boolean {
  if (only.length === 0) return () => true;
  const chosen = new Set<ExamCase>();
  for (const start of only) {
    const exact = ALL_CASES.filter(({ id }) => id === start);
    const found = exact.length > 0 ? exact : ALL_CASES.filter(({ id }) => id.startsWith(start));
    if (found.length === 0) throw new ExamError(`--only ${start}: no case has an id that starts so; --list shows all`);
    for (const examCase of found) chosen.add(examCase);
  }
  return (examCase) => chosen.has(examCase);
}

async function readKnownFailures(path: string | undefined): Promise<Map<string, string>> {
  if (path === undefined) return new Map();
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new ExamError(`the known failures cannot be read: ${String(error)}`);
  });
  return parseKnownFailures(text, ALL_CASES);
}
