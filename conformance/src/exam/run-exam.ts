import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExamFailure } from "../exam-failure.ts";
import { readOutput, toManifest, type Manifest } from "../subject/manifest.ts";
import { runMetadata, type ManifestRun } from "../subject/manifest-run.ts";
import { RunningPlugin } from "../subject/running-plugin.ts";
import { Transcript } from "../subject/transcript.ts";
import type { Exam, ExamAction, ExamCase } from "./exam-case.ts";
import { ExamError } from "./exam-error.ts";
import { detectExamRoute } from "./exam-route.ts";
import type { CaseResult, ExamReport, Outcome } from "./report.ts";
import { SharedPlugin } from "./shared-plugin.ts";
import { withLimit } from "./with-limit.ts";

/** Cases with processes of their own that run at a time, beside the shared process. */
const OWN_AT_ONCE = 3;
/** The longest path that a Unix socket can have, in bytes. */
const MAX_SOCKET_PATH_BYTES = 107;

export interface ExamRequest {
  /** Absolute path of the executable. */
  file: string;
  /** All cases of the exam, in order; `selected` are those whose results are wanted. */
  cases: readonly ExamCase[];
  selected: (examCase: ExamCase) => boolean;
  /** Ids of cases that are known to fail, with why. */
  knownFailures: ReadonlyMap<string, string>;
  /** Ends the exam early: what was started is ended, and the reason of the signal is thrown. */
  signal: AbortSignal;
}

/**
 * Examines a plugin. Throws what the operating system answered where the file cannot be started; every process has
 * ended and every folder is gone when this returns or throws.
 */
export async function runExam(request: ExamRequest): Promise<ExamReport> {
  const folder = await mkdtemp(join(tmpdir(), "toru-exam-"));
  const isTooLong = Buffer.byteLength(RunningPlugin.socketPath(join(folder, "999"))) > MAX_SOCKET_PATH_BYTES;
  const run = new ExamRun(request, folder);
  try {
    if (isTooLong) throw new ExamError(`${tmpdir()} is too long for a socket in it; set TMPDIR to a shorter folder`);
    return await run.all();
  } finally {
    await run.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

class ExamRun {
  readonly #request: ExamRequest;
  readonly #folder: string;
  readonly #shared: SharedPlugin;
  readonly #started = new Set<RunningPlugin>();
  readonly #results = new Map<ExamCase, CaseResult>();
  #starts = 0;
  #disposed = false;
  #manifestRun: ManifestRun | null = null;
  #manifest: Manifest | null = null;
  #offers: ReadonlySet<ExamAction> | null = null;
  #features: ReadonlySet<unknown> | null = null;
  /** The gate of http that failed. */
  #httpFault: string | null = null;

  constructor(request: ExamRequest, folder: string) {
    this.#request = request;
    this.#folder = folder;
    this.#shared = new SharedPlugin(() => this.#start(new Transcript()));
  }

  async all(): Promise<ExamReport> {
    const begin = performance.now();
    const { file, cases, selected, signal } = this.#request;
    this.#manifestRun = await runMetadata(file, this.#folder, signal);
    signal.throwIfAborted();
    const blocked = await this.#passGates();
    const asked = cases.filter((examCase) => selected(examCase) && !this.#results.has(examCase));
    if (blocked === null) {
      await this.#learn(asked);
      await this.#runAll(asked);
    } else {
      for (const examCase of asked) this.#skip(examCase, `cannot be asked of a plugin that fails ${blocked}`);
    }
    const results = cases.flatMap((examCase) => this.#results.get(examCase) ?? []);
    const wanted = results.filter(({ examCase, outcome }) => selected(examCase) || outcome.status === "failed");
    const examRoute = this.#offers === null ? null : [...this.#offers];
    const features = this.#features === null ? null : Array.from(this.#features, String);
    return { file, manifest: this.#manifest, examRoute, features, results: wanted, ms: performance.now() - begin };
  }

  /** Asks the plugin what decides which cases apply, as far as these need it. */
  async #learn(asked: readonly ExamCase[]): Promise<void> {
    const transcript = new Transcript();
    try {
      if (asked.some(({ feature }) => feature !== undefined) && this.#manifest?.protocol === 2) {
        this.#features = (await this.#shared.connection(transcript)).features;
      }
      if (this.#httpFault === null && asked.some(({ needs }) => needs !== undefined)) {
        this.#offers = await detectExamRoute(this.#shared, transcript);
      }
    } catch (error) {
      if (!(error instanceof ExamFailure)) throw error; // the cases tell what is wrong with it
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#started].map((plugin) => plugin[Symbol.asyncDispose]()));
  }

  /** Asks what must hold before anything else can be asked. The id of the gate that closed, null where none did. */
  async #passGates(): Promise<string | null> {
    const usesShared = this.#wantsShared();
    for (const examCase of this.#request.cases) {
      if (examCase.gate === undefined || this.#unfit(examCase) !== null) continue;
      if (examCase.process === "shared" && !usesShared) continue;
      await this.#runCase(examCase);
      if (this.#results.get(examCase)?.outcome.status !== "failed") this.#manifest ??= this.#readManifest();
      else if (examCase.gate === "all") return examCase.id;
      else this.#httpFault = examCase.id;
    }
    return null;
  }

  /** Whether anything that is asked needs the shared process; the exam route is offered by it. */
  #wantsShared(): boolean {
    const { cases, selected } = this.#request;
    return cases.some(
      (examCase) =>
        selected(examCase) &&
        (examCase.process === "shared" || examCase.needs !== undefined || examCase.feature !== undefined),
    );
  }

  /** Null until the gates before it have passed. */
  #readManifest(): Manifest | null {
    const isRead = this.#request.cases.every(
      (examCase) => examCase.gate === undefined || examCase.process !== "none" || this.#results.has(examCase),
    );
    const output = isRead && this.#manifestRun !== null ? readOutput(this.#manifestRun.stdout) : null;
    return output !== null && "value" in output ? toManifest(output.value) : null;
  }

  async #runAll(asked: readonly ExamCase[]): Promise<void> {
    const exist = asked.filter(({ feature }) => feature === undefined || this.#features?.has(feature) === true);
    const fit = exist.filter((examCase) => {
      const reason = this.#unfit(examCase);
      if (reason !== null) this.#skip(examCase, reason);
      return reason === null;
    });
    const own = fit.filter(({ process }) => process === "own");
    const rest = fit.filter(({ process }) => process !== "own");
    const lane = async (queue: ExamCase[]) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await this.#runCase(next);
    };
    // The longest first, so that none is left alone at the end.
    own.sort((one, other) => other.limitMs - one.limitMs);
    await Promise.all([lane(rest), ...Array.from({ length: OWN_AT_ONCE }, () => lane(own))]);
  }

  /** Why a case does not apply to this plugin; null where it does. */
  #unfit({ versions, handles, needs = [] }: ExamCase): string | null {
    if (this.#manifest === null) return null;
    const { protocol, handles: handled } = this.#manifest;
    if (!versions.includes(protocol)) return `is about version ${versions.join(" and ")} of the protocol`;
    if (handles !== undefined && !handled.includes(handles)) return `needs ${handles} in the manifest's handles`;
    if (handles === "http" && this.#httpFault !== null)
      return `cannot be asked of a plugin that fails ${this.#httpFault}`;
    const missing = needs.filter((action) => this.#offers?.has(action) !== true);
    return missing.length === 0 ? null : `needs the exam route (${missing.join(", ")})`;
  }

  async #runCase(examCase: ExamCase): Promise<void> {
    const { signal } = this.#request;
    signal.throwIfAborted();
    const transcript = new Transcript();
    const own: RunningPlugin[] = [];
    const begin = performance.now();
    const work = examCase.run(this.#examFor(transcript, own)).then((): Outcome => ({ status: "passed" }));
    const outcome = await withLimit(work, examCase.limitMs, signal).catch((error: unknown) =>
      this.#failureOf(error, transcript, own),
    );
    await Promise.all(own.map((plugin) => plugin[Symbol.asyncDispose]()));
    if (outcome.status === "failed" && examCase.process === "shared") await this.#shared.discard();
    this.#keep(examCase, outcome, performance.now() - begin, transcript);
  }

  #examFor(transcript: Transcript, own: RunningPlugin[]): Exam {
    const manifestRun = this.#manifestRun;
    const manifest = this.#manifest;
    return {
      transcript,
      get manifestRun() {
        if (manifestRun === null) throw new Error("a case was run before the manifest");
        return manifestRun;
      },
      get manifest() {
        if (manifest === null) throw new Error("a case was run before the gates");
        return manifest;
      },
      started: () => this.#shared.started(transcript),
      plugin: () => this.#shared.plugin(transcript),
      connection: () => this.#shared.connection(transcript),
      start: () => {
        const plugin = this.#start(transcript);
        own.push(plugin);
        return plugin;
      },
    };
  }

  async #failureOf(error: unknown, transcript: Transcript, own: readonly RunningPlugin[]): Promise<Outcome> {
    if (!(error instanceof ExamFailure)) throw error;
    const plugin = own.at(-1) ?? this.#shared.running;
    const situation = (await plugin?.situation()) ?? [];
    const came = [error.message, ...situation.filter((told) => !error.message.includes(told))].join("; ");
    return { status: "failed", failure: { sent: error.sent ?? transcript.last("sent"), came } };
  }

  #start(transcript: Transcript): RunningPlugin {
    const { file, signal } = this.#request;
    if (this.#manifest === null || this.#disposed) throw new Error("a process was asked for outside of the exam");
    this.#starts += 1;
    const folder = join(this.#folder, String(this.#starts));
    const plugin = RunningPlugin.start({ file, manifest: this.#manifest, folder, transcript, signal });
    this.#started.add(plugin);
    return plugin;
  }

  #skip(examCase: ExamCase, reason: string): void {
    this.#keep(examCase, { status: "skipped", reason }, 0, new Transcript());
  }

  #keep(examCase: ExamCase, outcome: Outcome, ms: number, { entries }: Transcript): void {
    const known = this.#request.knownFailures.get(examCase.id) ?? null;
    this.#results.set(examCase, { examCase, outcome, ms, transcript: entries, known });
  }
}
