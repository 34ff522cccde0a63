import type { Transcript } from "../subject/transcript.ts";
import type { Manifest } from "../subject/manifest.ts";
import type { ManifestRun } from "../subject/manifest-run.ts";
import type { RunningPlugin } from "../subject/running-plugin.ts";
import type { V2Connection } from "../subject/v2-connection.ts";

/** What the exam route can offer. A plugin may offer some of them; the README describes each. */
export const EXAM_ACTIONS = [
  "echo",
  "request",
  "cookies",
  "large",
  "fail",
  "sleep",
  "cancelled",
  "kv",
  "log",
  "websocket",
] as const;
export type ExamAction = (typeof EXAM_ACTIONS)[number];

/** Where the document says so. */
export interface Citation {
  /** The heading in spec/README.md. */
  section: string;
  /** What it says there, in one sentence. */
  says: string;
  /** The scenario of the requirement that this belongs to, where there is one. */
  scenario?: string;
}

/** One question of the exam. A case is data; `run` is a few steps that throw an ExamFailure where the answer is wrong. */
export interface ExamCase {
  /** Stable, dotted, lower case. */
  id: string;
  /** The behaviour that is right. */
  title: string;
  cites: Citation;
  /** `must` fails the exam, `should` warns. */
  severity: "must" | "should";
  /** The versions of the protocol that it applies to. */
  versions: readonly (1 | 2)[];
  /** The type of request that the plugin's manifest must name in `handles`. */
  handles?: "http" | "kv";
  /** What of the exam route it needs. */
  needs?: readonly ExamAction[];
  /** Only for plugins that take up this feature; for others the case does not exist. */
  feature?: "stream" | "websocket";
  /** Where it fails, nothing else can be asked, or nothing else that is about http. */
  gate?: "all" | "http";
  /** `shared`: on a process that other cases use before and after it; `own`: on processes of its own; `none`: on none. */
  process: "none" | "shared" | "own";
  /** The longest that it may take, in milliseconds. */
  limitMs: number;
  /** What an author should do where it fails. */
  advice: string;
  run(exam: Exam): Promise<void>;
}

/** What a case has at hand. */
export interface Exam {
  readonly manifestRun: ManifestRun;
  /** Only behind the gates of the manifest. */
  readonly manifest: Manifest;
  readonly transcript: Transcript;
  /** The shared process, started where it does not run. */
  started(): Promise<RunningPlugin>;
  /** The same behind the `init` of version 1; version 2 gets it on its connection. */
  plugin(): Promise<RunningPlugin>;
  /** The one connection of version 2 to the shared process, behind `ready`. */
  connection(): Promise<V2Connection>;
  /** Starts a process of the case's own. The exam ends it. */
  start(): RunningPlugin;
}
