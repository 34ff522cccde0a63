import { check } from "../exam-failure.ts";
import type { Citation, ExamCase } from "../exam/exam-case.ts";
import { manifestProblems, readOutput } from "../subject/manifest.ts";
import { MAX_METADATA_BYTES, METADATA_LIMIT_MS } from "../subject/manifest-run.ts";
import { show, shorten } from "../subject/transcript.ts";

const RUN = "FILE --metadata";
const SECTION = "The executable and its manifest";
const SCENARIO = "Plugin API Contract: Plugin metadata";

/** The manifest, which is asked before anything else. */
export const manifestCases: readonly ExamCase[] = [
  {
    id: "manifest.exit",
    title: "--metadata ends by itself with code 0 within 5 s",
    cites: cite("Run with --metadata the file prints its manifest and exits with code 0, complete within 5 s."),
    severity: "must",
    versions: [1, 2],
    gate: "all",
    process: "none",
    limitMs: 1_000,
    advice:
      "Look for --metadata in the arguments before anything else; print the manifest and exit with 0. Start no server.",
    run: async ({ manifestRun: { code, signal, timedOut, stderr, stdout } }) => {
      if (stdout.length > MAX_METADATA_BYTES) return; // it was ended for that, which the next case tells
      check(!timedOut, `it still ran after ${METADATA_LIMIT_MS / 1000} s`, RUN);
      const how = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
      check(code === 0, `${how}${stderr.trim() === "" ? "" : `; stderr: ${shorten(stderr.trim(), 600)}`}`, RUN);
    },
  },
  {
    id: "manifest.output",
    title: "--metadata prints one JSON object and nothing else on stdout",
    cites: cite("It prints one JSON object in UTF-8 on stdout, of at most 256 KiB, nested at most 100 levels deep."),
    severity: "must",
    versions: [1, 2],
    gate: "all",
    process: "none",
    limitMs: 1_000,
    advice: "Print the object alone. Messages for people belong on stderr.",
    run: async ({ manifestRun: { stdout } }) => {
      const read = readOutput(stdout);
      if ("problem" in read) check(false, `on stdout: ${read.problem}${shownText(stdout)}`, RUN);
    },
  },
  {
    id: "manifest.fields",
    title: "the manifest's fields are right",
    cites: cite("id, name, version, icon and route are required; each field has the form that the table says."),
    severity: "must",
    versions: [1, 2],
    gate: "all",
    process: "none",
    limitMs: 1_000,
    advice: "Mend the fields that are named. The host shows such a file as invalid and does not start it.",
    run: async ({ manifestRun: { stdout } }) => {
      const read = readOutput(stdout);
      const problems = "value" in read ? manifestProblems(read.value) : [];
      check(problems.length === 0, problems.map(({ field, problem }) => `${field} ${problem}`).join("; "), RUN);
    },
  },
  {
    id: "manifest.route-case",
    title: "the route is in lower case",
    cites: cite("New plugins use lower case; routes that differ only in case are the same."),
    severity: "should",
    versions: [1, 2],
    process: "none",
    limitMs: 1_000,
    advice: "Write the route in lower case, before people have links to it.",
    run: async ({ manifest: { route } }) => check(route === route.toLowerCase(), `the route ${show(route)}`, RUN),
  },
];

function cite(says: string): Citation {
  return { section: SECTION, says, scenario: SCENARIO };
}

function shownText(stdout: Uint8Array): string {
  const text = Buffer.from(stdout).toString().trim();
  return text === "" ? "" : `: ${show(text)}`;
}
