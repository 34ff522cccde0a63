import { check } from "../exam-failure.ts";
import type { Exam, ExamCase } from "../exam/exam-case.ts";
import { describeEnd, type RunningPlugin } from "../subject/running-plugin.ts";
import { v1Init } from "../subject/v1-messages.ts";

/** From the end of stdin to the end of the process. */
const END_LIMIT_MS = 3_000;
/** SIGTERM comes so long before SIGKILL. */
const SIGTERM_LIMIT_MS = 2_000;
/** How long the exam leaves a plugin alone to see whether it stays. */
const STAY_MS = 700;
/** The longest line of output that reaches the log whole, in bytes. */
const MAX_LINE_BYTES = 16 * 1024;

const SECTION = "The process";

/** What holds for the process, whatever it speaks. */
export const processCases: readonly ExamCase[] = [
  {
    id: "process.socket",
    title: "listens at TORU_PLUGIN_SOCKET within 10 s",
    cites: {
      section: SECTION,
      says: "The plugin binds a Unix stream socket at TORU_PLUGIN_SOCKET and listens, within 10 s.",
      scenario: "Plugin API Contract: Plugin listens on socket",
    },
    severity: "must",
    versions: [1, 2],
    gate: "all",
    process: "shared",
    limitMs: 12_000,
    advice:
      "Bind a SOCK_STREAM socket at exactly the path in TORU_PLUGIN_SOCKET before slow work, and listen. Do not create " +
      "the file otherwise, and do not change it: the path is absolute and its folder exists.",
    run: async (exam) => {
      exam.transcript.add("sent", "the start of FILE, with TORU_PLUGIN_SOCKET in its environment");
      await (await exam.started()).listening();
    },
  },
  {
    id: "process.stays",
    title: "goes on running while nobody asks it anything",
    cites: { section: SECTION, says: "Every end that nobody asked for is a crash, exit code 0 included." },
    severity: "must",
    versions: [1, 2],
    process: "own",
    limitMs: 15_000,
    advice: "Keep the process in the foreground: no fork into the background, no end after a while without requests.",
    run: async (exam) => {
      const plugin = await started(exam);
      const end = await plugin.endedWithin(STAY_MS);
      check(end === null, () => `nobody asked for an end, and ${end === null ? "" : describeEnd(end)}`);
    },
  },
  {
    id: "process.stdin",
    title: "exits at the end of file on stdin",
    cites: {
      section: SECTION,
      says: "stdin is a pipe that the host holds open: its end means that the host is gone, and the plugin should exit.",
    },
    severity: "should",
    versions: [1, 2],
    process: "own",
    limitMs: 20_000,
    advice: "Read stdin in the background and exit when it ends; else the plugin outlives a host that was killed.",
    run: async (exam) => {
      const plugin = await started(exam);
      plugin.transcript.add("sent", "end of file on stdin");
      plugin.process.endStdin();
      check((await plugin.endedWithin(END_LIMIT_MS)) !== null, `it still ran ${END_LIMIT_MS / 1000} s later`);
    },
  },
  {
    id: "process.sigterm",
    title: "ends within 2 s at SIGTERM",
    cites: { section: SECTION, says: "SIGTERM goes to the process group, and SIGKILL 2 s later." },
    severity: "should",
    versions: [1, 2],
    process: "own",
    limitMs: 16_000,
    advice: "Do not ignore SIGTERM, and do not wait in its handler for work that may take long.",
    run: async (exam) => {
      const plugin = await started(exam);
      plugin.transcript.add("sent", "SIGTERM to the process group");
      plugin.process.signal("SIGTERM");
      check((await plugin.endedWithin(SIGTERM_LIMIT_MS)) !== null, `it still ran ${SIGTERM_LIMIT_MS / 1000} s later`);
    },
  },
  {
    id: "process.output",
    title: "prints no line over 16 KiB",
    cites: {
      section: SECTION,
      says: "stdout and stderr are read line by line into the log; a line over 16 KiB is cut.",
    },
    severity: "should",
    versions: [1, 2],
    process: "own",
    limitMs: 14_000,
    advice: "Print lines, and end each with a line feed. Large things belong into a file of TORU_PLUGIN_DATA_DIR.",
    run: async (exam) => {
      const plugin = await started(exam);
      plugin.process.signal("SIGTERM");
      await plugin.endedWithin(SIGTERM_LIMIT_MS);
      await plugin[Symbol.asyncDispose]();
      const { longestLineBytes } = plugin.process;
      check(longestLineBytes <= MAX_LINE_BYTES, `a line of ${longestLineBytes} bytes`, "its start, init and SIGTERM");
    },
  },
];

/** A process of its own, behind `init`. */
async function started(exam: Exam): Promise<RunningPlugin> {
  const plugin = exam.start();
  if (plugin.manifest.protocol === 2) await plugin.ready();
  else await plugin.tellV1(v1Init(plugin));
  return plugin;
}
