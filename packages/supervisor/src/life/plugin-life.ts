import type { Clock, Crash, LogWriter, Manifest } from "@toru/core";
import type { InitInfo } from "@toru/protocol";
import type { Cgroup } from "../confine/cgroups.ts";
import type { Confined } from "../confine/confiner.ts";
import type { HealthReport, LinkLimits, PluginLink, PluginServices } from "../link/plugin-link.ts";
import type { Turn } from "../resources/processor-turns.ts";
import { PluginProcess, type ProcessExit } from "../process/plugin-process.ts";
import { checkInterpreter } from "../process/start-fault.ts";
import { within } from "../process/within.ts";
import { pause } from "../socket/connect-when-listening.ts";
import { makeRoomForSocket } from "../socket/make-room-for-socket.ts";
import { isSocket, removeSocket } from "../socket/plugin-socket.ts";
import { PluginConnection } from "./plugin-connection.ts";
import { endReason, MemoryWatch, startFailure, type StartFailure } from "./end-reason.ts";

/** Longest that the clean-up after the end of a process may hold up what comes next. */
const CLEAN_UP_MS = 2_000;

export interface LifeOptions {
  file: string;
  manifest: Manifest;
  env: Record<string, string>;
  init: InitInfo;
  runDir: string;
  limits: LinkLimits;
  shutdownGraceMs: number;
  terminateGraceMs: number;
  services: PluginServices;
  log: LogWriter;
  clock: Clock;
  /** Waits for a turn to start; null where the signal was aborted first. */
  turn: (signal: AbortSignal) => Promise<Turn | null>;
  /** Done before the process is made; its failure counts as a failed start. */
  prepare: () => Promise<Confined>;
  /** Each action on the process, for the supervisor's log. */
  act: (message: string, fields: Record<string, unknown>) => void;
  /** Kills what the plugin's processes left behind outside their group. */
  sweep: (signal: AbortSignal) => Promise<unknown>;
  onReady: () => void;
  onHealth: (report: HealthReport) => void;
  onConnectionLost: (reason: string) => void;
  /** Once, at the very end: nothing of this life remains. */
  onEnd: (crash: Crash) => void;
}

/** One life of a plugin's process, from spawn to the last trace of it. Owns everything that belongs to it. */
export class PluginLife {
  readonly #options: LifeOptions;
  #startedAt: number;
  /** While it starts. */
  #turn: Turn | null = null;
  /** Aborted when the process has ended or is to end. */
  readonly #over = new AbortController();
  #process: PluginProcess | null = null;
  #cgroup: Cgroup | null = null;
  #memory: MemoryWatch | null = null;
  readonly #connection: PluginConnection;
  #abortReason: string | null = null;
  #stopping = false;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
    this.#connection = new PluginConnection({
      ...options,
      over: this.#over.signal,
      isEnding: () => this.#stopping || this.#process?.hasExited === true,
      onLost: options.onConnectionLost,
      onBack: () => options.onHealth({ ok: true }),
      onFailed: (reason) => this.abort(reason),
    });
    void this.#live();
  }

  get pid(): number | null {
    return this.#process === null || this.#process.hasExited ? null : this.#process.pid;
  }

  get uptimeMs(): number {
    return this.#options.clock.monotonic() - this.#startedAt;
  }

  /** Where requests go; null while there is no connection to send them on. */
  get link(): PluginLink | null {
    return this.#connection.link;
  }

  get droppedReplies(): number {
    return this.#connection.droppedReplies;
  }

  /** Shutdown message, then SIGTERM, then SIGKILL, each after its grace. `onEnd` tells when it is over. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    void this.#terminate();
  }

  /** SIGKILL to the group, now. */
  abort(reason: string): void {
    this.#abortReason ??= reason;
    this.#over.abort();
    if (this.#process === null || this.#process.hasExited) return;
    this.#options.act("kill", { pid: this.#process.pid, signal: "SIGKILL", reason });
    this.#process.signal("SIGKILL");
  }

  async #live(): Promise<void> {
    const { act, clock } = this.#options;
    let exit: ProcessExit | null = null;
    let failure: StartFailure | null = null;
    try {
      exit = await this.#run();
    } catch (error) {
      failure = startFailure(error);
    }
    this.#over.abort();
    this.#turn?.[Symbol.dispose]();
    this.#connection.close();
    await this.#cleanUp();
    const reason =
      this.#abortReason ?? failure?.reason ?? (await endReason(exit, this.#process, this.#memory, this.#stopping));
    const uptimeMs = Math.round(this.uptimeMs);
    const output = this.#process?.lastLines ?? [];
    const { code, signal } = exit ?? { code: null, signal: null };
    if (this.#process !== null || failure !== null)
      act("exit", { pid: this.#process?.pid ?? null, code, signal, reason, uptime_ms: uptimeMs });
    const cause = failure?.cause === undefined ? {} : { cause: failure.cause };
    this.#options.onEnd({ at: clock.now(), code, signal, reason, uptimeMs, output, ...cause });
  }

  /** What cannot be cleaned up, or not in time, is logged: the end of a life must always be told. */
  async #cleanUp(): Promise<void> {
    const { act, sweep, init } = this.#options;
    const late = new AbortController();
    const work = async () => {
      await Promise.all([this.#cgroup?.kill(), sweep(late.signal)]);
      if (!late.signal.aborted && this.#process !== null) await removeSocket(init.socketPath);
      return true;
    };
    const outcome = await within(work(), CLEAN_UP_MS).catch((error: unknown) => String(error));
    late.abort(); // from now on processes and socket may be those of the next life
    if (outcome !== true) act("clean-up failed", { reason: outcome ?? `it took longer than ${CLEAN_UP_MS} ms` });
  }

  /** Null where it was stopped before there was a process. */
  async #run(): Promise<ProcessExit | null> {
    const { file, env, init, runDir, log, services, act, prepare } = this.#options;
    this.#turn = await this.#options.turn(this.#over.signal);
    if (this.#turn === null) return null;
    this.#startedAt = this.#options.clock.monotonic();
    const { prefix, owner, cgroup } = await prepare();
    this.#cgroup = cgroup;
    this.#memory = await MemoryWatch.begin(cgroup);
    await checkInterpreter(file, env["PATH"] ?? "");
    await makeRoomForSocket(init.socketPath);
    if (this.#over.signal.aborted) return null;
    const child = await PluginProcess.spawn({
      file,
      prefix,
      owner,
      cwd: init.dataDir,
      env,
      output: { log, othersAreAsked: () => services.othersAreAsked() },
      runDir,
      name: init.pluginId,
    });
    this.#process = child;
    this.#turn.follow(child.pid);
    act("spawn", { pid: child.pid, file, protocol: this.#options.manifest.protocol });
    if (this.#over.signal.aborted) child.signal("SIGKILL");
    else void this.#start();
    return child.exited;
  }

  /** From the spawned process to ready, within the limits; a failure aborts the process. */
  async #start(): Promise<void> {
    const failure = await this.#connection
      .connect()
      .catch((error: unknown) => `it could not be reached: ${String(error)}`);
    this.#turn?.[Symbol.dispose]();
    if (this.#over.signal.aborted || this.#stopping || this.#process?.hasExited === true) return;
    if (failure !== null) return this.abort(failure);
    this.#options.onReady();
    void this.#watchHealth();
  }

  /** Asks once every interval; where an answer took the whole interval, the next question follows at once. */
  async #watchHealth(): Promise<void> {
    const { clock, limits, onHealth } = this.#options;
    const interval = limits.healthIntervalMs;
    for (let took = 0; ;) {
      await pause(Math.max(0, interval - took), this.#over.signal);
      if (this.#over.signal.aborted || this.#stopping) return;
      took = 0;
      const { link } = this;
      if (link === null) continue;
      const asked = clock.monotonic();
      const report = await link.checkHealth().catch(() => null);
      took = clock.monotonic() - asked;
      if (this.#over.signal.aborted || this.#stopping) return;
      if (report === null) continue; // the host could not look: that says nothing about the plugin
      // A host that was itself stopped or starved meanwhile learns nothing from a missing answer.
      const hostWasPaused = took > interval * 2;
      if (this.link !== null && (report.ok || !hostWasPaused)) onHealth(report);
      if (await this.#hasLostSocket()) return this.abort("its socket was removed from the run folder");
    }
  }

  /** Version 1 is reached by its path for each message. The connection of version 2 is there already. */
  async #hasLostSocket(): Promise<boolean> {
    const { manifest, init } = this.#options;
    return manifest.protocol === 1 && !(await isSocket(init.socketPath));
  }

  async #terminate(): Promise<void> {
    const { act, shutdownGraceMs, terminateGraceMs } = this.#options;
    const gone = this.#over.signal;
    const { link } = this;
    if (link !== null) {
      act("shutdown", { grace_ms: shutdownGraceMs });
      void link.shutdown(shutdownGraceMs);
      await pause(shutdownGraceMs, gone);
    }
    for (const [signal, graceMs] of [
      ["SIGTERM", terminateGraceMs],
      ["SIGKILL", 0],
    ] as const) {
      if (gone.aborted || this.#process?.hasExited === true) return;
      if (this.#process !== null) act("kill", { pid: this.#process.pid, signal });
      this.#process?.signal(signal);
      if (this.#process === null) this.#over.abort(); // still being spawned: killed as soon as it is
      await pause(graceMs, gone);
    }
  }
}
